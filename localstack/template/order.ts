import { type Template, TemplateError } from './template.ts';

/**
 * The logical ids in the order in which resources can be created: each after those that it refers to or depends on,
 * else as in the template.
 * @throws {TemplateError} for a circle
 */
export function creationOrder(template: Template): string[] {
  const order: string[] = [];
  const done = new Set<string>();
  const open: string[] = [];
  const visit = (id: string) => {
    if (done.has(id)) return;
    if (open.includes(id)) throw new TemplateError(`Resources depend on each other: ${[...open, id].join(' -> ')}`);
    open.push(id);
    for (const needed of references(template, id)) visit(needed);
    open.pop();
    done.add(id);
    order.push(id);
  };
  for (const id of Object.keys(template.Resources)) visit(id);
  return order;
}

function references(template: Template, id: string): string[] {
  const resource = template.Resources[id];
  const found = new Set<string>([resource?.DependsOn ?? []].flat());
  collect(resource?.Properties, found);
  return [...found].filter((name) => Object.hasOwn(template.Resources, name) && name !== id);
}

function collect(value: unknown, found: Set<string>) {
  if (Array.isArray(value)) for (const item of value) collect(item, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, argument] of Object.entries(value)) {
      if (name === 'Ref') found.add(String(argument));
      else if (name === 'Fn::GetAtt')
        found.add(String(Array.isArray(argument) ? argument[0] : argument).split('.')[0] ?? '');
      else if (name === 'Fn::Sub') collectSub(argument, found);
      else collect(argument, found);
    }
  }
}

function collectSub(argument: unknown, found: Set<string>) {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, undefined];
  for (const match of String(text).matchAll(/\$\{([^!}][^}]*)\}/g)) found.add(match[1]?.split('.')[0] ?? '');
  collect(variables, found);
}

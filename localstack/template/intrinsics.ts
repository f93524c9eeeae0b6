import { type Template, TemplateError } from './template.ts';

/** What references to a created resource resolve to. */
export interface Created {
  /** The value of `Ref`, which CloudFormation calls the physical id. */
  ref: string;
  /** The values of `Fn::GetAtt`. */
  attributes: Record<string, string>;
}

export interface Pseudo {
  region: string;
  accountId: string;
  stackName: string;
}

/** `Ref: AWS::NoValue` removes the property that holds it. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Resolves intrinsic functions with the resources created so far. Errors name the resource that contains the function.
 */
export class Intrinsics {
  readonly #template: Template;
  readonly #created: ReadonlyMap<string, Created>;
  readonly #pseudo: Record<string, unknown>;

  constructor(template: Template, created: ReadonlyMap<string, Created>, { region, accountId, stackName }: Pseudo) {
    this.#template = template;
    this.#created = created;
    this.#pseudo = {
      'AWS::Region': region,
      'AWS::AccountId': accountId,
      'AWS::StackName': stackName,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::NotificationARNs': [],
      'AWS::NoValue': NO_VALUE,
    };
  }

  /**
   * The value, with every intrinsic function replaced by its result.
   * @param owner logical id of the resource or output, for errors
   * @throws {TemplateError} for an unknown function, or a reference to something that does not exist
   */
  // biome-ignore lint/suspicious/noExplicitAny: a template value can be anything
  resolve(value: unknown, owner: string): any {
    const resolved = this.#value(value, owner);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  /** Whether a named condition of the template holds. */
  holds(condition: string, owner: string): boolean {
    const expression = this.#template.Conditions?.[condition];
    if (expression === undefined) throw new TemplateError(`${owner}: there is no condition ${condition}.`);
    return this.#value(expression, owner) === true;
  }

  #value(value: unknown, owner: string): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#value(item, owner)).filter((item) => item !== NO_VALUE);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? ['', undefined];
    const isFunction = entries.length === 1 && (name === 'Ref' || name === 'Condition' || name.startsWith('Fn::'));
    if (isFunction && !(name === 'Condition' && typeof argument !== 'string')) return this.#call(name, argument, owner);
    const resolved = entries.map(([key, item]) => [key, this.#value(item, owner)] as const);
    return Object.fromEntries(resolved.filter(([, item]) => item !== NO_VALUE));
  }

  #call(name: string, argument: unknown, owner: string): unknown {
    if (name === 'Fn::If') return this.#if(argument, owner);
    if (name === 'Ref') return this.#ref(String(argument), owner);
    if (name === 'Condition') return this.holds(String(argument), owner);
    if (name === 'Fn::GetAtt') return this.#getAtt(this.#value(argument, owner), owner);
    if (name === 'Fn::Sub') return this.#sub(argument, owner);
    const resolved = this.#value(argument, owner);
    const list = (Array.isArray(resolved) ? resolved : [resolved]) as unknown[];
    switch (name) {
      case 'Fn::Join':
        return (list[1] as unknown[]).join(String(list[0]));
      case 'Fn::Split':
        return String(list[1]).split(String(list[0]));
      case 'Fn::Select':
        return this.#select(list, owner);
      case 'Fn::Base64':
        return Buffer.from(String(resolved)).toString('base64');
      case 'Fn::Equals':
        return String(list[0]) === String(list[1]);
      case 'Fn::Not':
        return list[0] !== true;
      case 'Fn::And':
        return list.every((item) => item === true);
      case 'Fn::Or':
        return list.some((item) => item === true);
      case 'Fn::FindInMap':
        return this.#findInMap(list.map(String), owner);
      default:
        throw new TemplateError(`${owner}: the intrinsic function ${name} is not emulated.`);
    }
  }

  #if(argument: unknown, owner: string): unknown {
    const [condition, yes, no] = argument as unknown[];
    return this.#value(this.holds(String(condition), owner) ? yes : no, owner);
  }

  #ref(name: string, owner: string): unknown {
    if (Object.hasOwn(this.#pseudo, name)) return this.#pseudo[name];
    const created = this.#created.get(name);
    if (created) return created.ref;
    const parameter = this.#template.Parameters?.[name];
    if (parameter?.Default !== undefined) return parameter.Default;
    throw new TemplateError(`${owner}: Ref ${name} means nothing: no such resource, and no parameter with a default.`);
  }

  #getAtt(argument: unknown, owner: string): string {
    const [name = '', ...rest] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    const attribute = rest.join('.');
    const created = this.#created.get(name);
    if (!created) throw new TemplateError(`${owner}: Fn::GetAtt ${name}.${attribute}: there is no resource ${name}.`);
    const value = created.attributes[attribute];
    if (value !== undefined) return value;
    throw new TemplateError(`${owner}: Fn::GetAtt ${name}.${attribute}: ${name} has no attribute ${attribute} here.`);
  }

  #sub(argument: unknown, owner: string): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
    const own = this.#value(variables, owner) as Record<string, unknown>;
    return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (Object.hasOwn(own, name)) return String(own[name]);
      return String(name.includes('.') ? this.#getAtt(name, owner) : this.#ref(name, owner));
    });
  }

  #select([index, items]: unknown[], owner: string): unknown {
    const found = (items as unknown[])?.[Number(index)];
    if (found === undefined) throw new TemplateError(`${owner}: Fn::Select has no item ${index}.`);
    return found;
  }

  #findInMap([map = '', first = '', second = '']: string[], owner: string): unknown {
    const found = this.#template.Mappings?.[map]?.[first]?.[second];
    if (found === undefined)
      throw new TemplateError(`${owner}: Fn::FindInMap ${map}.${first}.${second} finds nothing.`);
    return found;
  }
}

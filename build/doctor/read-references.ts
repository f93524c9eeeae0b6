import type { Intrinsics } from '../../localstack/template/intrinsics.ts';
import type { Template } from '../../localstack/template/template.ts';
import { PropertyReader } from './properties.ts';

/** @returns a logical id for what refers to a resource: the id itself, or an ARN, URL or name that holds its name. */
export type Find = (reference: string | undefined) => string;

/** Knows every resource by its id and by the name that the template gives it. */
export function finder(template: Template, intrinsics: Intrinsics): Find {
  const ids = new Map<string, string>();
  for (const [id, { Properties = {} }] of Object.entries(template.Resources)) {
    const read = new PropertyReader(id, Properties, intrinsics, []);
    for (const property of ['QueueName', 'FunctionName', 'TableName']) {
      const name = read.text(property);
      // Versions and policies carry the name of what they belong to, which resolves to a logical id.
      if (name && !Object.hasOwn(template.Resources, name)) ids.set(name, ids.get(name) ?? id);
    }
    ids.set(id, id);
  }
  return (reference = '') =>
    reference
      .split(/[:/]/)
      .map((part) => ids.get(part))
      .find((id) => id !== undefined) ?? reference;
}

import type { Intrinsics } from '../../localstack/template/intrinsics.ts';
import type { Template } from '../../localstack/template/template.ts';
import { PropertyReader } from './properties.ts';

/**
 * Finds the resource that a text refers to: by its id, or by an ARN, URL or name that contains its name.
 *
 * @returns its logical id; the text itself where there is no such resource
 */
export type Find = (reference: string | undefined) => string;

/** Finds resources by their id, and by the name that the template gives them. */
export function finder(template: Template, intrinsics: Intrinsics): Find {
  const ids = new Map<string, string>();
  for (const [id, { Properties = {} }] of Object.entries(template.Resources)) {
    const read = new PropertyReader(id, Properties, intrinsics, []);
    for (const property of ['QueueName', 'FunctionName', 'TableName']) {
      const name = read.text(property);
      // Versions and policies have the name of the resource that they belong to, which resolves to a logical id.
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

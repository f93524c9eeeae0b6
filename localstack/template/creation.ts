import type { Created } from './intrinsics.ts';
import type { Properties } from './template.ts';

/** A resource to create, with its properties resolved. */
export interface Declaration {
  id: string;
  type: string;
  properties: Properties;
}

/** Creates one resource. It passes each part that is not emulated to `note`, with the reason. */
export type Creator = (declaration: Declaration, note: (reason: string) => void) => Promise<Created> | Created;

/** A name for a resource that has none in the template: `stack-LogicalId-hash`, the same on every start. */
export function generatedName(stackName: string, id: string): string {
  let hash = 0;
  for (const character of `${stackName}/${id}`) hash = (hash * 31 + character.charCodeAt(0)) % 36 ** 8;
  return `${stackName}-${id}-${hash.toString(36).toUpperCase().padStart(8, '0')}`;
}

/** Notes the properties that are set and have no effect here. */
export function noteIgnored(properties: Properties, known: readonly string[], note: (reason: string) => void) {
  const ignored = Object.keys(properties).filter((name) => !known.includes(name));
  if (ignored.length) note(`without ${ignored.join(', ')}`);
}

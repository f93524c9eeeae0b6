import { escapedJson } from './printable.ts';

/**
 * One JSON document and a line end. What a terminal would obey is escaped. Bytes are written in base64, as in the SDK's
 * own JSON, and a bigint as a number.
 */
export function toJson(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, replacer, 2))}\n`;
}

/** The same on one line: for output that is a line an event, such as `--watch --json`. */
export function toJsonLine(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, replacer))}\n`;
}

/** A replacer sees a Buffer as `{ type, data }`, so this looks at the object that holds it. */
function replacer(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key];
  if (held instanceof Uint8Array) return Buffer.from(held).toString('base64');
  if (typeof held === 'bigint') return Number(held);
  return value;
}

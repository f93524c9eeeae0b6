import { escapedJson } from './printable.ts';

/**
 * One JSON document and a line end, with escapes for all that a terminal would obey. Bytes are written in base64, as in the SDK's own JSON; a bigint as a number.
 */
export function toJson(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, replacer, 2))}\n`;
}

/** The same on one line: for output that is a line an event, such as `--watch --json`. */
export function toJsonLine(value: unknown): string {
  return `${escapedJson(JSON.stringify(value, replacer))}\n`;
}

/** Buffers have become `{ type, data }` by the time a replacer sees them, so the holder is asked. */
function replacer(this: unknown, key: string, value: unknown): unknown {
  const held = (this as Record<string, unknown>)[key];
  if (held instanceof Uint8Array) return Buffer.from(held).toString('base64');
  if (typeof held === 'bigint') return Number(held);
  return value;
}

/** Characters of somebody else's text that a sentence of ours repeats, at most. */
const QUOTED = 100;

/**
 * What a terminal or a viewer would obey instead of showing: control characters, those that turn the direction of what
 * follows, line separators, and the two non-characters that SQS refuses. Tabs and line ends are left to the caller.
 */
const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/**
 * Text that is not ours, fit to be stored, logged and read: at most `max` characters of it, well-formed, and without
 * anything that a terminal obeys. Where it is cut its length is said, within `max`. Costs no more for a longer text.
 */
export function legible(text: string, max: number): string {
  if (text.length <= max) return text.replaceAll(OBEYED, '\ufffd').toWellFormed();
  const length = `… (${text.length} characters)`;
  return legible(text.slice(0, Math.max(0, max - length.length)), max) + length;
}

/** A piece of text that is not ours, within a sentence of ours: `legible`, on one line, and in quotes. */
export function quoted(text: string): string {
  if (text.length <= QUOTED) return `"${onOneLine(text)}"`;
  return `"${onOneLine(text.slice(0, QUOTED))}…" (${text.length} characters)`;
}

function onOneLine(text: string): string {
  return legible(text, QUOTED).replaceAll(/[\t\r\n]+/g, ' ');
}

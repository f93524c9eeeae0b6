/** The most characters of foreign text that our own messages repeat. */
const QUOTED = 100;

/**
 * Characters that a terminal or a viewer obeys instead of showing: control characters, those that change the direction
 * of the text, line separators, and the two non-characters that SQS refuses. Tabs and line ends are left to the caller.
 */
const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]/g;

/**
 * Foreign text, made safe to store, log and read: at most `max` characters, well-formed, and without characters that a
 * terminal obeys. Where it is cut, its full length is added, within `max`. A longer text costs no more time.
 */
export function legible(text: string, max: number): string {
  if (text.length <= max) return text.replaceAll(OBEYED, '\ufffd').toWellFormed();
  const length = `… (${text.length} characters)`;
  return legible(text.slice(0, Math.max(0, max - length.length)), max) + length;
}

/** Foreign text for use in one of our messages: `legible`, on one line, and in quotes. */
export function quoted(text: string): string {
  if (text.length <= QUOTED) return `"${onOneLine(text)}"`;
  return `"${onOneLine(text.slice(0, QUOTED))}…" (${text.length} characters)`;
}

function onOneLine(text: string): string {
  return legible(text, QUOTED).replaceAll(/[\t\r\n]+/g, ' ');
}

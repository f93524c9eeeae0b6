/**
 * Text that a producer wrote, and that ends on an operator's terminal: the one place that makes it harmless. A terminal
 * obeys control characters (C0, DEL, C1), bidirectional controls reorder what stands beside them, and a line break starts
 * what looks like a line of ours. What the service stores and logs of such text goes through `src/failures/foreign-text.ts`.
 */

/** Line ends of any kind and tabs; what else is a control; and halves of characters, which are no text. */
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const OBEYED = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]|\p{Cs}/gu;
/** The same, but for what JSON.stringify escapes by itself. */
const UNESCAPED = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu;

const REPLACEMENT = '\ufffd';
/** Characters of a text that are shown without being asked for more. */
const MOST = 1_000;

/** On one line, harmless, and at most `most` UTF-16 units of it; what is cut says how long it was. Linear and bounded. */
export function oneLine(text: string, most = MOST): string {
  return bounded(text, most).replaceAll(LINE_BREAKS, ' ').replaceAll(OBEYED, REPLACEMENT);
}

/** As it is, up to `most` UTF-16 units; what is cut says how long it was. */
export function bounded(text: string, most = MOST): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}… (${text.length.toLocaleString('en-US')} characters)`;
}

/** What a terminal would obey is replaced, line feeds aside: for text that is laid out already. */
export function harmless(text: string): string {
  return text.replaceAll(OBEYED, (character) => (character === '\n' ? character : REPLACEMENT));
}

/** The same JSON with what a terminal would obey spelled as escapes: parsed, it gives the same values. */
export function escapedJson(json: string): string {
  return json.replaceAll(UNESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Makes text that a producer wrote harmless on an operator's terminal. This is the only place that does so. A terminal
 * obeys control characters (C0, DEL, C1), bidirectional controls reorder their neighbours, and a line break starts what
 * looks like a line of ours. The service's own rules for stored and logged text are in `src/failures/foreign-text.ts`.
 */

/** Line ends and tabs; then all other controls, and unpaired halves of characters. */
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const OBEYED = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]|\p{Cs}/gu;
/** The same, without what JSON.stringify escapes itself. */
const UNESCAPED = /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu;

const REPLACEMENT = '\ufffd';
/** Characters of a text that are shown by default. */
const MOST = 1_000;

/** Harmless, on one line, at most `most` UTF-16 units. A cut text tells how long it was. Takes linear time. */
export function oneLine(text: string, most = MOST): string {
  return bounded(text, most).replaceAll(LINE_BREAKS, ' ').replaceAll(OBEYED, REPLACEMENT);
}

/** Unchanged, up to `most` UTF-16 units. A cut text tells how long it was. */
export function bounded(text: string, most = MOST): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).toWellFormed()}… (${text.length.toLocaleString('en-US')} characters)`;
}

/** Replaces what a terminal would obey, except line feeds. For text that is laid out already. */
export function harmless(text: string): string {
  return text.replaceAll(OBEYED, (character) => (character === '\n' ? character : REPLACEMENT));
}

/** The same JSON with what a terminal would obey spelled as escapes: parsed, it gives the same values. */
export function escapedJson(json: string): string {
  return json.replaceAll(UNESCAPED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

import { harmless } from './printable.ts';
import { stylesFor } from './style.ts';

/** The escapes of our own styles. Each is matched alone, since a table may cut a text between them. */
const ESCAPE = '\u001b';
const STYLES = new RegExp(`(${ESCAPE}\\[(?:1|2|22|3[123]|39)m)`);

/**
 * Standard output or standard error. Commands print through this only. It passes on text, line feeds and our own styles
 * and makes everything else harmless, in case a caller forgot `oneLine`, which also folds line breaks.
 */
export class Printer {
  /** For output that needs the stream: a progress bar, a question, cursor movements. */
  readonly stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  write(text: string): void {
    const isStyled = stylesFor(this.stream).heading('x') !== 'x';
    const parts = isStyled ? text.split(STYLES) : [text];
    this.stream.write(parts.map((part, i) => (i % 2 ? part : harmless(part))).join(''));
  }
}

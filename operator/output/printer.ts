import { harmless } from './printable.ts';
import { stylesFor } from './style.ts';

/** What our own styles write; a table may cut them apart from their text, so each end counts for itself. */
const ESCAPE = '\u001b';
const STYLES = new RegExp(`(${ESCAPE}\\[(?:1|2|22|3[123]|39)m)`);

/**
 * Standard output or standard error, and the only way of a command to them: of what it is given it prints text, line feeds
 * and our own styles, whatever a message, a file or AWS has put into it. What comes from there goes through `oneLine`
 * before, which also folds line breaks; this is the floor below it.
 */
export class Printer {
  /** For what draws by itself: a progress bar, a question, a cursor that goes back. */
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

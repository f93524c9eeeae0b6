import { MAX_COLUMNS } from './width.ts';

/** A word that is longer than a line: `whole` on a line of its own, or `cut` into several lines. */
type LongWord = 'whole' | 'cut';

/** Pure. Lines of at most `width` UTF-16 units, broken at spaces. */
export function wrap(text: string, width: number, longWord: LongWord = 'whole'): string[] {
  const lines: string[] = [];
  let line = '';
  const words = text.split(' ').flatMap((word) => (longWord === 'cut' ? [...pieces(word, width)] : [word]));
  for (const word of words) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}

/** Pure. As `wrap`, for the columns that every output fits; all lines but the first are indented. */
export function indented(text: string, indent: number, longWord?: LongWord): string {
  return wrap(text, MAX_COLUMNS - indent, longWord).join(`\n${' '.repeat(indent)}`);
}

/** Never cut between the halves of a character. */
function* pieces(word: string, width: number): Generator<string> {
  let rest = word;
  while (rest.length > width) {
    const isPair = (rest.codePointAt(width - 1) as number) > 0xffff;
    const end = isPair ? width - 1 : width;
    yield rest.slice(0, end);
    rest = rest.slice(end);
  }
  yield rest;
}

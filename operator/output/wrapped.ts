import { MAX_COLUMNS } from './table.ts';

/** Pure. The text in lines of at most 80 columns, all but the first indented; a longer word keeps its line. */
export function wrapped(text: string, indent: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line && line.length + 1 + word.length > MAX_COLUMNS - indent) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

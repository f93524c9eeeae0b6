import { oneLine } from './printable.ts';

/** Nobody copies a longer word by hand, and a shell may not take it. */
const MAX_WORD = 2_000;

/**
 * Pure. Makes a command line to copy. Each word is quoted for a POSIX shell, so its contents stay data.
 *
 * @returns undefined where a word cannot be printed as it is: a command that is printed otherwise would be another one
 */
export function shellCommand(words: readonly string[]): string | undefined {
  return words.every(isPrintable) ? words.map(quoted).join(' ') : undefined;
}

function isPrintable(word: string): boolean {
  return word.length <= MAX_WORD && oneLine(word, MAX_WORD) === word;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

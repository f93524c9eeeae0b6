import { oneLine } from './printable.ts';

/** Longer words are not copied by hand, and may be more than a shell takes. */
const MAX_WORD = 2_000;

/**
 * Pure. A command line to be copied, each word as a POSIX shell reads it: whatever is in a word stays data.
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

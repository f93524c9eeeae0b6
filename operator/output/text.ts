import { oneLine } from './printable.ts';

/** No id is longer. A longer text loses its end. */
const MOST_OF_AN_ID = 4_096;

/** With a comma after each three digits. */
export const grouped = (count: number): string => count.toLocaleString('en-US');

/** `1 message`, `2,000 messages`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** The text harmless, on one line and at most `width` characters long; a cut ends in an ellipsis. */
export function shorten(text: string, width: number): string {
  const line = oneLine(text).replaceAll(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** As `shorten`, but from the middle: ids often differ only at their end. */
export function shortenMiddle(text: string, width: number): string {
  const line = oneLine(text, MOST_OF_AN_ID);
  const characters = [...line];
  if (characters.length <= width) return line;
  const kept = Math.max(0, width - 1);
  const end = Math.floor(kept / 2);
  return `${characters.slice(0, kept - end).join('')}…${end > 0 ? characters.slice(-end).join('') : ''}`;
}

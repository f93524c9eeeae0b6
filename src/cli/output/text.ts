/** With a comma after each three digits. */
export const grouped = (count: number): string => count.toLocaleString('en-US');

/** `1 message`, `2,000 messages`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(count)} ${count === 1 ? noun : plural}`;
}

/** The text on one line and at most `width` characters long; a cut ends in an ellipsis. */
export function shorten(text: string, width: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** As `shorten`, but from the middle: ids often differ only at their end. */
export function shortenMiddle(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const kept = Math.max(0, width - 1);
  const end = Math.floor(kept / 2);
  return `${characters.slice(0, kept - end).join('')}…${end > 0 ? characters.slice(-end).join('') : ''}`;
}

/** What a terminal would obey, made harmless: a message's text is not ours. Tabs and line ends stay. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (character) =>
    character === '\n' || character === '\t' ? character : '\ufffd',
  );
}

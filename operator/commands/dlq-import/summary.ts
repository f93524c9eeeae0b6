import type { Imported } from '../../dead-letters/files/import.ts';
import { oneLine } from '../../output/printable.ts';
import { counted } from '../../output/text.ts';

/** Lines that are named one by one, at most; all of them are in the JSON. */
const LINES_NAMED = 10;

/** Pure. What became of the letters of a file. */
export function summary(letters: number, { sent, refused, unanswered, heldBack }: Imported, file: string): string {
  const named = (what: string, lines: Imported['refused']) => [
    ...lines.slice(0, LINES_NAMED).map(({ line, why }) => oneLine(`line ${line} ${what}: ${why}`)),
    ...(lines.length > LINES_NAMED ? [`and ${counted(lines.length - LINES_NAMED, 'more line')} ${what}`] : []),
  ];
  return [
    `${counted(sent, 'letter')} of ${letters} sent from ${oneLine(file)}`,
    ...named('refused by SQS', refused),
    ...named('unanswered, perhaps sent', unanswered),
    ...(heldBack.length > 0
      ? [`${counted(heldBack.length, 'letter')} held back: one before it in its group was not sent`]
      : []),
    ...(sent > 0 ? ['Next: npx sluice dlq list'] : []),
    '',
  ].join('\n');
}

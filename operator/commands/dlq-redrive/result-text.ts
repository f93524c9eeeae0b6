import type { Applied } from '../../dead-letters/redriving/apply.ts';
import { oneLine } from '../../output/printable.ts';
import { table } from '../../output/table.ts';
import { grouped, shorten } from '../../output/text.ts';
import { indented } from '../../output/wrap.ts';

const ERROR_CHARACTERS = 200;
const CODE_CHARACTERS = 60;

/** Pure. What became of each letter, in at most 80 columns; only what happened is named. */
export function resultText({ tally, verified, canary, gone, left, failure }: Applied): string {
  const rows: [number, string][] = [
    [tally.sent, 'sent back'],
    [tally.notDeleted, 'sent back, and still here too (harmless: the second is a duplicate)'],
    ...Object.entries(tally.refused).map(([code, count]): [number, string] => [
      count,
      `refused: ${shorten(code, CODE_CHARACTERS)}`,
    ]),
    [tally.unanswered, 'without an answer: still here, perhaps sent too'],
    [tally.dropped, 'dropped: done before'],
    [tally.kept, 'kept after all: changed since the plan, or behind one that stays'],
    [gone, 'gone: another consumer took them, or holds them'],
    [left, 'left where they are'],
    [verified.done, 'done by now'],
    [verified.deadAgain, 'dead again'],
    [verified.stillQueued, 'still on the queue when time was up'],
    [verified.unaccounted, 'unaccounted for: no result, not on the queue, not dead'],
  ];
  const shown = rows.filter(([count], i) => count > 0 || i === 0).map(([count, what]) => [grouped(count), what]);
  const columns = [{ head: 'LETTERS', align: 'right' } as const, { head: 'WHAT BECAME OF THEM' }];
  const examples = verified.examples.map(
    ({ letterId, what }) => `- ${oneLine(letterId)}:\n  ${indented(shorten(what, ERROR_CHARACTERS), 2)}`,
  );
  const stopped = [
    ...(canary === 'failed' ? ['The canary failed, so the rest was not sent.'] : []),
    ...(failure === undefined ? [] : ['It ended early, and this is what was done until then.']),
  ];
  return `${table(columns, shown)}\n${[...stopped, ...examples].map((line) => `${line}\n`).join('')}`;
}

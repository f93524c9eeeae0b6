import type { Unseen } from '../../dead-letters/reading/holding.ts';
import type { Outcome } from '../../dead-letters/redriving/decision.ts';
import type { Plan, PlannedGroup } from '../../dead-letters/redriving/plan.ts';
import { type Column, table } from '../../output/table.ts';
import { counted, grouped, shorten } from '../../output/text.ts';
import { MAX_COLUMNS } from '../../output/width.ts';
import { indented } from '../../output/wrap.ts';

/** What happens to a letter, in the table's words. */
const WORDS: Readonly<Record<Outcome, string>> = {
  goesBack: 'goes back',
  alreadyDone: 'done: dropped',
  wouldFailAgain: 'stays: would fail',
  conflict: 'stays: conflict',
  tooOld: 'stays: too old',
  orderAtRisk: 'stays: order',
  blocksGroup: 'stays: blocks',
  notSelected: 'not selected',
};

/** What makes the letters of an outcome go after all. */
const REMEDIES: Partial<Record<Outcome, string>> = {
  wouldFailAgain: "today's code refuses them; --include-invalid sends them all the same",
  conflict: 'their ids were accepted with another payload; look at each, then purge it',
  tooOld: '--max-age <age> sets the limit',
  blocksGroup: '`dlq decide` lets it run again, or parks it',
  orderAtRisk: '--allow-reorder sends them all the same',
};

const COLUMNS: readonly Column[] = [
  { head: 'QUEUE', shrinksTo: 6 },
  { head: 'TYPE', shrinksTo: 6 },
  { head: 'LETTERS', align: 'right' },
  { head: 'WHAT HAPPENS' },
  { head: 'ERROR', shrinksTo: 12 },
  { head: 'EXAMPLE' },
];
const ERROR_CHARACTERS = 60;
const ID_CHARACTERS = 8;

export interface PlanView {
  readonly plan: Plan;
  readonly routes: readonly { readonly queue: string; readonly unseen: Unseen; readonly fifo: boolean }[];
}

/** Pure. The plan in at most 80 columns, with what to know about it. */
export function planText({ plan, routes }: PlanView): string {
  const { totals } = plan;
  const moved = totals.goesBack + totals.alreadyDone;
  const all = Object.values(totals).reduce((sum, count) => sum + count, 0);
  const parts = [
    `${grouped(totals.goesBack)} go back`,
    `${grouped(totals.alreadyDone)} are dropped as done`,
    `${grouped(all - moved - totals.notSelected)} stay`,
    ...(totals.notSelected > 0 ? [`${grouped(totals.notSelected)} are not selected`] : []),
  ];
  const groups = plan.groups.length > 0 ? `${table(COLUMNS, plan.groups.map(row))}\n\n` : '';
  const lines = [
    `${counted(all, 'dead letter')}: ${parts.join(', ')}.`,
    ...notes(plan),
    ...routes.flatMap(unseenNotes),
  ];
  return `${groups}${lines.join('\n')}\n`;
}

function row({ queue, type, count, outcome, error, examples }: PlannedGroup): string[] {
  const example = (examples[0] ?? '').slice(0, ID_CHARACTERS);
  const shown = [queue, type, grouped(count), WORDS[outcome], shorten(error, ERROR_CHARACTERS), example];
  return shown.map((cell) => shorten(cell, MAX_COLUMNS));
}

/** One for each outcome by which letters stay: an example of the reason, and the remedy. */
function notes({ groups, totals }: Plan): string[] {
  return Object.entries(REMEDIES).flatMap(([name, remedy]) => {
    const outcome = name as Outcome;
    if (totals[outcome] === 0) return [];
    const why = groups.find((group) => group.outcome === outcome)?.why ?? '';
    return [bullet(`${WORDS[outcome]}: ${shorten(why, 100)} (${remedy})`)];
  });
}

function unseenNotes({ queue, unseen: { waiting, elsewhere }, fifo }: PlanView['routes'][number]): string[] {
  const behind = 'more wait behind the heads of their groups. The same rules decide about each when it is its turn.';
  const notes = [
    waiting > 0 && `about ${grouped(waiting)} ${fifo ? behind : 'more were not handed out, and stay.'}`,
    elsewhere > 0 && `about ${grouped(elsewhere)} are with other consumers, or hidden by a scan that was killed.`,
    fifo && 'SQS does not tell whether newer messages of a group were processed by now.',
  ];
  return notes.flatMap((note) => (note ? [bullet(`${queue}: ${note}`)] : []));
}

/** A list item. */
function bullet(text: string): string {
  return `- ${indented(text, 2)}`;
}

import type { AnyJobType } from '../job.ts';
import type { LedgerTable } from '../ledger/table.ts';
import { type Decision, type DecisionRules, decide, keepOrder } from './decision.ts';
import { type JobOfLetter, jobOfLetter } from './job-of-letter.ts';
import type { DeadLetter } from './letter.ts';

export interface Assessed<Letter extends DeadLetter> {
  readonly letter: Letter;
  readonly job: JobOfLetter;
  readonly decision: Decision;
}

export interface AssessOptions {
  readonly jobs: ReadonlyMap<string, AnyJobType>;
  readonly ledger: Pick<LedgerTable, 'read'>;
  readonly rules: Omit<DecisionRules, 'now'>;
  /** Whether the filters let a letter pass. */
  selects(letter: DeadLetter, now: number): boolean;
  /** The letters' order within their groups counts: a FIFO queue, and nobody allowed otherwise. */
  readonly inOrder: boolean;
  readonly now: () => number;
}

/**
 * Decides about letters as of now, with one strongly consistent read of the ledger each.
 *
 * @param letters of one receive, so a group's in their order
 */
export async function assess<Letter extends DeadLetter>(
  letters: readonly Letter[],
  { jobs, ledger, rules, selects, inOrder, now }: AssessOptions,
): Promise<Assessed<Letter>[]> {
  const one = async (letter: Letter): Promise<Assessed<Letter>> => {
    const job = jobOfLetter(letter.body, jobs);
    if (!selects(letter, now())) return { letter, job, decision: { outcome: 'notSelected', why: '' } };
    const record = job.problem === undefined ? await ledger.read(job.key) : undefined;
    return { letter, job, decision: decide(letter, job, record, { ...rules, now: now() }) };
  };
  const assessed = await Promise.all(letters.map(one));
  if (!inOrder) return assessed;
  return [...byGroup(assessed).values()].flatMap(keepOrder);
}

/** Letters of one FIFO group together; those of a standard queue have none, and are each on their own. */
export function byGroup<Item extends { readonly letter: DeadLetter }>(items: readonly Item[]): Map<string, Item[]> {
  return Map.groupBy(items, ({ letter }) => letter.system.MessageGroupId ?? letter.messageId);
}

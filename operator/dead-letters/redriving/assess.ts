import type { RecordReader } from '../../../src/ledger/store.ts';
import type { RunsOfQueue } from '../../stage/runs.ts';
import type { Diagnosis } from '../diagnosis/diagnose.ts';
import { Diagnoses } from '../diagnosis/diagnoses.ts';
import { type JobOfLetter, jobInLetter } from '../reading/job-of-letter.ts';
import type { DeadLetter } from '../reading/letter.ts';
import type { filterOf } from '../selecting/filter.ts';
import { type Decision, type DecisionRules, decide, keepOrder } from './decision.ts';

export interface Assessed<Letter extends DeadLetter> {
  readonly letter: Letter;
  readonly diagnosis: Diagnosis;
  readonly job: JobOfLetter;
  readonly decision: Decision;
}

export interface AssessOptions {
  readonly runs: RunsOfQueue;
  readonly ledger: RecordReader;
  readonly rules: Omit<DecisionRules, 'now'>;
  /** Whether the filters let a letter pass. */
  readonly selects: ReturnType<typeof filterOf>;
  /** Whether the order within message groups must be kept: on a FIFO queue, unless the operator allows otherwise. */
  readonly inOrder: boolean;
  readonly now: () => number;
}

/**
 * Decides about letters by the ledger as it is now, with one strongly consistent read each.
 *
 * @param letters of one receive, so a group's in their order
 * @throws LedgerUnavailable: without the ledger nobody knows what has run
 */
export async function assess<Letter extends DeadLetter>(
  letters: readonly Letter[],
  options: AssessOptions,
): Promise<Assessed<Letter>[]> {
  const { runs, rules, selects, inOrder } = options;
  const ledger = readingOnce(options.ledger);
  const diagnoses = await new Diagnoses({ ...options, ledger }).of(letters);
  const now = options.now();
  const one = async (letter: Letter, i: number): Promise<Assessed<Letter>> => {
    const diagnosis = diagnoses[i] as Diagnosis;
    const job = await jobInLetter(letter, runs);
    const about = { letter, diagnosis, job };
    if (!selects(letter, now, diagnosis)) return { ...about, decision: { outcome: 'notSelected', why: '' } };
    const record = job.problem === undefined ? await ledger.read(job.key) : undefined;
    return { ...about, decision: decide(letter, job, record, { ...rules, now }) };
  };
  const assessed = await Promise.all(letters.map(one));
  return inOrder ? [...byGroup(assessed).values()].flatMap(keepOrder) : assessed;
}

/** The record that a diagnosis needs also decides about the letter: one read serves both. */
function readingOnce(ledger: AssessOptions['ledger']): AssessOptions['ledger'] {
  const reads = new Map<string, ReturnType<typeof ledger.read>>();
  return {
    read: (key) => {
      const known = reads.get(key) ?? ledger.read(key);
      reads.set(key, known);
      return known;
    },
  };
}

/** Letters of one FIFO group together; those of a standard queue have none, and are each on their own. */
export function byGroup<Item extends { readonly letter: DeadLetter }>(items: readonly Item[]): Map<string, Item[]> {
  return Map.groupBy(items, ({ letter }) => letter.system.MessageGroupId ?? letter.messageId);
}

import { type StoredRecord, standing } from '../../../src/ledger/record.ts';
import type { JobOfLetter } from '../reading/job-of-letter.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { firstSeen } from '../reading/letter-facts.ts';

/**
 * What a redrive does with a letter. `goesBack` is sent and deleted here, `alreadyDone` is deleted here; all others
 * stay. A job that is done, and whose hand-over is not known to be sent, goes back: the worker only sends that.
 * `notSelected` are those that the filters leave out.
 */
export const OUTCOMES = [
  'goesBack',
  'alreadyDone',
  'wouldFailAgain',
  'conflict',
  'tooOld',
  'orderAtRisk',
  'blocksGroup',
  'notSelected',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Decision {
  readonly outcome: Outcome;
  /** One line for the operator; empty where the outcome needs no reason. */
  readonly why: string;
}

export interface DecisionRules {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Sends what today's code would refuse all the same. */
  readonly includeInvalid: boolean;
  /** The operator's own limit, milliseconds. It replaces the one by `resultTtlMs`. */
  readonly maxAgeMs: number | undefined;
  /** How long the consumer keeps results, milliseconds; undefined where that is not known. */
  readonly resultTtlMs: number | undefined;
}

/** No worker has this name, so a letter never counts as the owner of a record. */
const NOBODY = '\u0000redrive';

/** Pure. Decides about one letter, without its group's order. `record` is what the ledger holds under its job's key. */
export function decide(
  letter: DeadLetter,
  job: JobOfLetter,
  record: StoredRecord | undefined,
  rules: DecisionRules,
): Decision {
  if (letter.reason?.blocks)
    return { outcome: 'blocksGroup', why: 'its message is still on the queue, and holds up its group' };
  if (job.problem !== undefined) {
    return rules.includeInvalid ? byAge(letter, rules) : { outcome: 'wouldFailAgain', why: job.problem };
  }
  if (!record) return byAge(letter, rules);
  const sameDone = record.status === 'done' && record.fingerprint === job.fingerprint;
  switch (standing(record, { owner: NOBODY, fingerprint: job.fingerprint }, rules.now)) {
    case 'conflict':
      return { outcome: 'conflict', why: `job ${job.key} was accepted with another payload` };
    case 'done':
      if (sameDone && record.handOver !== undefined) return { outcome: 'goesBack', why: '' };
      if (sameDone) return { outcome: 'alreadyDone', why: '' };
      break;
    case 'free':
      // The record has expired, so the worker would run the job a second time.
      if (sameDone && rules.maxAgeMs === undefined) return { outcome: 'tooOld', why: 'it ran; its result has expired' };
  }
  return byAge(letter, rules);
}

function byAge(letter: DeadLetter, { now, maxAgeMs, resultTtlMs }: DecisionRules): Decision {
  const age = now - firstSeen(letter, now);
  if (maxAgeMs !== undefined) {
    return age > maxAgeMs ? { outcome: 'tooOld', why: 'older than --max-age' } : { outcome: 'goesBack', why: '' };
  }
  if (resultTtlMs !== undefined && age > resultTtlMs) {
    return { outcome: 'tooOld', why: 'if it ran, its result has expired by now' };
  }
  return { outcome: 'goesBack', why: '' };
}

/**
 * Pure. Keeps the order of a FIFO group. A letter goes back only if none before it stays, and none behind it is known
 * to be done.
 *
 * @param decided one group's letters, the oldest first
 */
export function keepOrder<Decided extends { readonly decision: Decision }>(decided: readonly Decided[]): Decided[] {
  const lastDone = decided.findLastIndex(({ decision }) => decision.outcome === 'alreadyDone');
  let stays = false;
  return decided.map((each, i) => {
    const risk = stays ? 'a letter before it stays' : i < lastDone ? 'a newer one of its group is done' : undefined;
    const goes = each.decision.outcome === 'goesBack';
    const decision: Decision = goes && risk ? { outcome: 'orderAtRisk', why: risk } : each.decision;
    stays ||= decision.outcome !== 'goesBack' && decision.outcome !== 'alreadyDone';
    return { ...each, decision };
  });
}

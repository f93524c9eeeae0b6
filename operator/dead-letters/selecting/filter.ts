import type { Json } from '../../../src/job.ts';
import type { Diagnosis } from '../diagnosis/diagnose.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { diedAt, jobIdOf, typeOf } from '../reading/letter-facts.ts';
import { type Condition, matches } from './condition.ts';

/** What a letter must be to be selected. An undefined condition lets every letter pass. */
export interface LetterFilter {
  readonly type?: string | undefined;
  readonly fingerprint?: string | undefined;
  readonly errorClass?: string | undefined;
  readonly jobId?: string | undefined;
  /** MessageGroupId: a FIFO queue's group, a fair queue's tenant. */
  readonly group?: string | undefined;
  /** Milliseconds since it died, see `diedAt`. */
  readonly olderThanMs?: number | undefined;
  readonly newerThanMs?: number | undefined;
  /** All of them. A body that is not JSON satisfies none. */
  readonly where?: readonly Condition[] | undefined;
}

/** Whether a filter lets every letter pass. */
export function isOpen(filter: LetterFilter): boolean {
  return Object.values(filter).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));
}

/**
 * Compiles a filter into a test of one letter at a time.
 *
 * @param diagnosis of the letter, ; without it, its reason decides
 * @param now   milliseconds since the epoch
 */
export function filterOf(
  filter: LetterFilter,
): (letter: DeadLetter, now: number, diagnosis?: Pick<Diagnosis, 'errorClass' | 'fingerprint'>) => boolean {
  const { where = [], olderThanMs, newerThanMs } = filter;
  return (letter, now, diagnosis = letter.reason) => {
    const age = now - diedAt(letter);
    return (
      is(filter.type, typeOf(letter)) &&
      is(filter.jobId, jobIdOf(letter)) &&
      is(filter.group, letter.system.MessageGroupId) &&
      is(filter.errorClass, diagnosis?.errorClass) &&
      is(filter.fingerprint, diagnosis?.fingerprint) &&
      (olderThanMs === undefined || age > olderThanMs) &&
      (newerThanMs === undefined || age < newerThanMs) &&
      (where.length === 0 || satisfies(letter.body, where))
    );
  };
}

function is(wanted: string | undefined, actual: string | undefined): boolean {
  return wanted === undefined || wanted === actual;
}

function satisfies(text: string, where: readonly Condition[]): boolean {
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    return false;
  }
  return where.every((condition) => matches(body, condition));
}

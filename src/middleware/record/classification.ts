import type { Verdict } from '../../engine/verdict.ts';
import { backoff, RETRY_AFTER_CAP_MS, type RetryPolicy } from '../../failures/backoff.ts';
import { classify } from '../../failures/classify.ts';
import { Deferred, NotStarted } from '../../failures/errors.ts';
import { isA } from '../../failures/thrown.ts';
import type { RecordMiddleware } from './context.ts';

/**
 * Back-off of jobs that are not at fault, in milliseconds. A message may come back before the lease that it waits for
 * expires, because most holders are done long before that.
 */
const DEFERRAL = { baseMs: 5_000, capMs: 300_000 };

/** Turns a thrown value into a verdict. */
export function classification(retry: RetryPolicy): RecordMiddleware<Verdict> {
  return {
    onError: function classifyError(request) {
      const { message, history, lastRun, leastWaitMs, now } = request.context;
      const runs = history.runs + 1;
      request.response = verdictOf(request.error, {
        receiveCount: message.receiveCount,
        runs,
        lastRun,
        leastWaitMs: leastWaitMs?.(runs),
        retry,
        now: now(),
        random: Math.random(),
      });
    },
  };
}

/** What a verdict depends on, besides the error. */
export interface Circumstances {
  /** Receives of this message, this one included. A deferral's back-off grows with it. */
  readonly receiveCount: number;
  /** Failed runs, this one included. */
  readonly runs: number;
  /** The last run on which the job may fail: the strategy's `lastRun`. */
  readonly lastRun: number;
  /** What the queue makes every retry wait at least, in milliseconds. */
  readonly leastWaitMs?: number | undefined;
  readonly retry: RetryPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

/**
 * Pure. A transient error on the last permitted run is as dead as a permanent one. A job that is not at fault is never
 * dead. A `Retry-After` is a lower bound, limited by the policy: the back-off may be longer. So is the queue's least
 * wait.
 */
export function verdictOf(error: unknown, circumstances: Circumstances): Verdict {
  if (isA(error, NotStarted)) return { kind: 'notStarted' };
  const { receiveCount, runs, lastRun, leastWaitMs = 0, retry, now, random } = circumstances;
  if (isA(error, Deferred)) {
    const afterMs = Math.min(error.afterMs ?? Number.POSITIVE_INFINITY, backoff(receiveCount, DEFERRAL, random));
    return { kind: 'deferred', afterMs, why: error.message };
  }
  const failure = classify(error, now);
  if (failure.kind === 'permanent' || runs >= lastRun) return { kind: 'dead', runs, failure };
  const askedMs = Math.min(failure.retryAfterMs ?? 0, retry.retryAfterCapMs ?? RETRY_AFTER_CAP_MS);
  return { kind: 'retry', afterMs: Math.max(backoff(runs, retry, random), askedMs, leastWaitMs), runs, failure };
}

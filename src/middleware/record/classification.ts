import type { Verdict } from '../../engine/verdict.ts';
import { backoff, RETRY_AFTER_CAP_MS, type RetryPolicy } from '../../failures/backoff.ts';
import { classify, isA } from '../../failures/classify.ts';
import { Deferred, NotStarted } from '../../failures/errors.ts';
import type { RecordMiddleware } from './context.ts';

/**
 * How a job comes back that is not at fault: milliseconds. A lease is asked after before it ends, since most holders are
 * done long before that.
 */
const DEFERRAL = { baseMs: 5_000, capMs: 300_000 };

/** Turns whatever was thrown into a verdict. */
export function classification(retry: RetryPolicy): RecordMiddleware<Verdict> {
  return {
    onError: function classifyError(request) {
      const { message, history, lastRun, now } = request.context;
      request.response = verdictOf(request.error, {
        receiveCount: message.receiveCount,
        runs: history.runs + 1,
        lastRun,
        retry,
        now: now(),
        random: Math.random(),
      });
    },
  };
}

/** What a verdict stands on, besides the error. */
export interface Circumstances {
  /** Receives of this message, this one included: what a deferral backs off by. */
  readonly receiveCount: number;
  /** Failed runs, this one included. */
  readonly runs: number;
  /** The last run on which the job may fail and be retried: the job type's attempts, capped by the queue's receives. */
  readonly lastRun: number;
  readonly retry: RetryPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

/**
 * Pure. A transient error on the last permitted run is as dead as a permanent one; a job that is not at fault never
 * is. A `Retry-After` is a lower bound, itself bounded by the policy: the back-off may be longer.
 */
export function verdictOf(error: unknown, circumstances: Circumstances): Verdict {
  if (isA(error, NotStarted)) return { kind: 'notStarted' };
  const { receiveCount, runs, lastRun, retry, now, random } = circumstances;
  if (isA(error, Deferred)) {
    const afterMs = Math.min(error.afterMs ?? Number.POSITIVE_INFINITY, backoff(receiveCount, DEFERRAL, random));
    return { kind: 'deferred', afterMs, why: error.message };
  }
  const failure = classify(error, now);
  if (failure.kind === 'permanent' || runs >= lastRun) return { kind: 'dead', runs, failure };
  const askedMs = Math.min(failure.retryAfterMs ?? 0, retry.retryAfterCapMs ?? RETRY_AFTER_CAP_MS);
  return { kind: 'retry', afterMs: Math.max(backoff(runs, retry, random), askedMs), runs, failure };
}

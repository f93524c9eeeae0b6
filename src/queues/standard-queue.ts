import type { Verdict } from '../engine/verdict.ts';
import { backoff, visibilitySeconds } from '../failures/backoff.ts';
import type { Failure } from '../failures/failure.ts';
import { requeuedCopy } from './copies.ts';
import { deadLetter } from './dead-lettering.ts';
import { names, said } from './log-fields.ts';
import type { Message } from './message.ts';
import type { QueueOfInvocation, QueueStrategy } from './queue-strategy.ts';
import { type History, type Received, wouldLookSuspect } from './redelivery.ts';
import { MAX_REQUEUED_MS } from './requeued.ts';
import type { Sending } from './sender.ts';

/**
 * Back-off of messages that were not started. They come back soon, and later each time, so that an overload does not
 * spin.
 */
const NOT_STARTED = { baseMs: 1_000, capMs: 30_000 };

/**
 * A standard queue. Two messages of one key run one after another, so that the second finds the first's result. A
 * failure does not stop the lane.
 *
 * | verdict | action |
 * | --- | --- |
 * | done, duplicate | acknowledged |
 * | retry | visibility timeout set to the back-off, reported as failed |
 * | dead | copied to the DLQ with its reason, then acknowledged; reported as failed if the copy fails |
 * | deferred, not started | comes back soon, reported as failed |
 *
 * A message that comes back is requeued, and acknowledged, before its receives are used up: when another job kills the
 * process, this message must not lose its last receive. A deferred or not started message is also requeued if it is a
 * suspect or could look like one.
 */
export const standardQueue: QueueStrategy = {
  laneOf: (_message, key) => key,
  afterFailure: 'goOn',
  keepsOrder: false,
  settle: settling(redeliver),
};

/** Makes the message of a failed run come back. @returns whether it may be acknowledged */
export type Retry = (message: Received, redelivery: Redelivery, queue: QueueOfInvocation) => Promise<boolean>;

/** The same with another way to retry. */
export function settling(retry: Retry): QueueStrategy['settle'] {
  return (...given) => settle(retry, ...given);
}

async function settle(
  retry: Retry,
  message: Received,
  verdict: Verdict,
  history: History,
  options: QueueOfInvocation,
): Promise<boolean> {
  const { delayMs, log, now, report, trace, visibilityMs } = options;
  report.verdicts[verdict.kind] += 1;
  switch (verdict.kind) {
    case 'done':
      return true;
    case 'duplicate':
      trace?.('message_skipped', { ...names(message), reason: 'duplicate' });
      return true;
    case 'retry': {
      const { afterMs, failure, runs } = verdict;
      log.warn('job_retried', { details: { ...names(message), ...said(failure), runs, afterMs } });
      return await retry(message, { afterMs, why: failure.message, runs }, options);
    }
    case 'dead':
      return await deadLetter(message, verdict.failure, verdict.runs, options);
    case 'deferred':
    case 'notStarted': {
      const { afterMs, why } = delayOf(verdict, message);
      report.noteDeferral(why);
      trace?.('job_deferred', { ...names(message), reason: why, afterMs });
      const { runs, isSuspect, aloneRuns } = history;
      const suspect = isSuspect ? { suspect: aloneRuns } : undefined;
      const asCopy = isSuspect || wouldLookSuspect(message.record, afterMs, { now: now(), visibilityMs, delayMs });
      return await redeliver(message, { afterMs, why, runs, asCopy, ...suspect }, options);
    }
  }
}

function delayOf(
  verdict: Extract<Verdict, { kind: 'deferred' | 'notStarted' }>,
  { receiveCount }: Message,
): { afterMs: number; why: string } {
  if (verdict.kind === 'deferred') return verdict;
  const afterMs = backoff(receiveCount, NOT_STARTED, Math.random());
  return { afterMs, why: "the invocation's time was spent before the job could start" };
}

export interface Redelivery {
  readonly afterMs: number;
  readonly why: string;
  /** Failed runs so far. */
  readonly runs: number;
  readonly suspect?: number;
  readonly asCopy?: boolean;
}

/** Makes the message come back. Where SQS refuses, it comes back later, after the queue's own visibility timeout. */
export async function redeliver(
  message: Received,
  redelivery: Redelivery,
  options: QueueOfInvocation,
): Promise<boolean> {
  const { maxReceiveCount, changeVisibility, log, report } = options;
  const { afterMs, asCopy = false } = redelivery;
  if (asCopy || message.receiveCount >= maxReceiveCount - 1) {
    const requeued = await requeue(message, redelivery, options);
    if (requeued !== undefined) return requeued;
  }
  try {
    await changeVisibility({ receiptHandle: message.record.receiptHandle, seconds: visibilitySeconds(afterMs) });
  } catch (error) {
    report.errors.queueVisibility += 1;
    log.warn('visibility_change_failed', { details: { ...names(message), error: (error as Error).message } });
  }
  return false;
}

/** Where a copy goes, and the count of the report that it belongs to. */
interface CopyTo {
  readonly send: (copy: Sending) => Promise<void>;
  readonly counted: 'requeued' | 'delayed';
}

/**
 * Sends a copy with a fresh receive count, to its own queue unless told otherwise. The message itself is deleted at once, before
 * the answer: where invocations time out again and again, each one would leave the message and its copy, and so double them.
 *
 * @returns whether the message may be acknowledged; undefined where it can only come back as the same message
 */
export async function requeue(
  message: Received,
  { afterMs, why, runs, suspect }: Redelivery,
  options: QueueOfInvocation,
  { send, counted }: CopyTo = { send: options.sendToOwnQueue, counted: 'requeued' },
): Promise<boolean | undefined> {
  const { log, now, report } = options;
  const since = message.requeued?.since ?? now();
  if (now() - since > MAX_REQUEUED_MS) {
    const failure: Failure = {
      kind: 'transient',
      errorClass: 'RequeuedTooLong',
      message: `requeued for four days: ${why}`,
    };
    return await deadLetter(message, failure, runs, options);
  }
  const { overflow } = message.requeued ?? {};
  const facts = { since, runs, ...(suspect !== undefined && { suspect }), ...(overflow && { overflow }) };
  try {
    const copy = requeuedCopy(message.record, facts, afterMs);
    if (!copy) throw new Error('there is no room for one more attribute');
    await send(copy);
    report[counted] += 1;
  } catch (error) {
    report.errors.queueSend += 1;
    log.error(counted === 'delayed' ? 'retry_queue_failed' : 'requeue_failed', {
      details: { ...names(message), error: (error as Error).message },
    });
    return undefined;
  }
  // Not waited for: the answer has it deleted, too, where there is one.
  void options.deleteMessage(message.record.receiptHandle).catch(() => {});
  return true;
}

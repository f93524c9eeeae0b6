import type { Logger } from '@aws-lambda-powertools/logger';
import { backoff, visibilitySeconds } from '../backoff.ts';
import type { Failure } from '../classification.ts';
import type { Verdict } from '../engine/verdict.ts';
import type { Message } from '../message.ts';
import type { RecordContext } from '../record-context.ts';
import type { Report } from '../report.ts';
import { deadLetterCopy, MAX_RETURNED_MS, returnedCopy, returnedForMs } from './copies.ts';
import { reasonFor } from './reason.ts';
import type { Sending, VisibilityChange } from './requests.ts';

/** How what was not started comes back: soon, and slower where that repeats, so that an overload does not spin. */
const NOT_STARTED = { baseMs: 1_000, capMs: 30_000 };

export interface SettlementOptions {
  /** After so many receives SQS itself moves a message to the DLQ, without a reason. */
  readonly maxReceiveCount: number;
  readonly worker: { functionName: string; functionVersion: string };
  sendToDeadLetters(message: Sending): Promise<void>;
  sendToOwnQueue(message: Sending): Promise<void>;
  changeVisibility(change: VisibilityChange): Promise<void>;
  readonly log: Logger;
  readonly trace: RecordContext['trace'];
  readonly report: Report;
  readonly now: () => number;
}

/**
 * Turns a verdict into its SQS action, and logs it, here and once.
 *
 * | verdict | action |
 * | --- | --- |
 * | done, duplicate | acknowledged |
 * | retry | visibility timeout set to the back-off, reported as failed |
 * | dead | copied to the DLQ with its reason, then acknowledged; reported as failed if the copy fails |
 * | deferred, not started | comes back soon, reported as failed; on its last permitted receive a copy goes back to the queue |
 *
 * @returns whether the message may be acknowledged
 */
export async function settle(message: Message, verdict: Verdict, options: SettlementOptions): Promise<boolean> {
  options.report.verdicts[verdict.kind] += 1;
  switch (verdict.kind) {
    case 'done':
      return true;
    case 'duplicate':
      options.trace?.('message_skipped', { ...names(message), reason: 'duplicate' });
      return true;
    case 'retry':
      options.log.warn('job_retried', {
        details: { ...names(message), ...said(verdict.failure), afterMs: verdict.afterMs },
      });
      await comeBack(message, verdict.afterMs, options);
      return false;
    case 'dead':
      return await deadLetter(message, verdict.failure, options);
    case 'deferred':
      options.log.info('job_deferred', {
        details: { ...names(message), reason: verdict.why, afterMs: verdict.afterMs },
      });
      return await comeBackWithoutBlame(message, verdict.afterMs, verdict.why, options);
    case 'notStarted':
      return await comeBackWithoutBlame(
        message,
        backoff(message.receiveCount, NOT_STARTED, Math.random()),
        "the invocation's time was spent before the job could start",
        options,
      );
  }
}

async function deadLetter(message: Message, failure: Failure, options: SettlementOptions): Promise<boolean> {
  const { log, report, worker, now } = options;
  if (failure.errorClass === 'InvalidJob') report.invalid += 1;
  const reason = reasonFor(message, failure, worker, now());
  const copy = deadLetterCopy(message.record, reason);
  try {
    if (!copy) throw new Error('body and reason do not fit into one message; SQS moves it after its last receive');
    await options.sendToDeadLetters(copy);
    log.error('job_dead_lettered', { details: { ...names(message), ...reason } });
    return true;
  } catch (error) {
    report.errors.queueSend += 1;
    log.error('dead_letter_copy_failed', {
      details: { ...names(message), ...said(failure), error: (error as Error).message },
    });
    return false;
  }
}

/** A message that is not at fault must not use up its receives: SQS would dead-letter it without a reason. */
async function comeBackWithoutBlame(
  message: Message,
  afterMs: number,
  why: string,
  options: SettlementOptions,
): Promise<boolean> {
  const { log, maxReceiveCount, now, report } = options;
  if (message.receiveCount < maxReceiveCount) {
    await comeBack(message, afterMs, options);
    return false;
  }
  if (returnedForMs(message.record, now()) > MAX_RETURNED_MS) {
    const failure: Failure = {
      kind: 'transient',
      errorClass: 'ReturnedTooLong',
      message: `returned to its queue for four days: ${why}`,
    };
    return await deadLetter(message, failure, options);
  }
  const copy = returnedCopy(message.record, afterMs, now());
  try {
    if (!copy) throw new Error('there is no room for one more attribute');
    await options.sendToOwnQueue(copy);
    report.returned += 1;
    return true;
  } catch (error) {
    report.errors.queueSend += 1;
    log.error('return_failed', { details: { ...names(message), error: (error as Error).message } });
    return false;
  }
}

/** Where this fails, the queue's own visibility timeout brings the message back, later. */
async function comeBack(
  message: Message,
  afterMs: number,
  { changeVisibility, log, report }: SettlementOptions,
): Promise<void> {
  try {
    await changeVisibility({ receiptHandle: message.record.receiptHandle, seconds: visibilitySeconds(afterMs) });
  } catch (error) {
    report.errors.queueVisibility += 1;
    log.warn('visibility_change_failed', { details: { ...names(message), error: (error as Error).message } });
  }
}

function names({ record, receiveCount, type, job }: Message): object {
  return { messageId: record.messageId, jobId: job.job_id, type, receiveCount };
}

function said({ errorClass, message }: Failure): object {
  return { errorClass, error: message };
}

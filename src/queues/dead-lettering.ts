import type { Failure } from '../failures/failure.ts';
import { deadLetterCopy } from './copies.ts';
import { names, said } from './log-fields.ts';
import type { QueueOfInvocation } from './queue-strategy.ts';
import { reasonFor } from './reason.ts';
import type { Received } from './redelivery.ts';
import type { Sending } from './sender.ts';

export interface DeadLettering {
  /** The copy with a reason. Without this, the usual one. */
  copyOf?: typeof deadLetterCopy;
  /** More fields of the reason. */
  readonly more?: object;
}

/** Sends a message's copy with its reason to the DLQ, and logs it. @returns whether SQS has taken the copy */
export async function deadLetter(
  message: Received,
  failure: Failure,
  runs: number,
  options: QueueOfInvocation,
  { copyOf = deadLetterCopy, more }: DeadLettering = {},
): Promise<boolean> {
  const { log, report, worker, now } = options;
  if (failure.errorClass === 'InvalidJob') report.invalid += 1;
  const reason = { ...reasonFor(message, failure, runs, worker, now()), ...more };
  const copy: Sending | undefined = copyOf(message.record, reason, message.requeued);
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

import type { Verdict } from '../engine/verdict.ts';
import { isAws } from '../failures/aws-errors.ts';
import { backoff, visibilitySeconds } from '../failures/backoff.ts';
import { Blocks, blockedDelayMs } from './blocks.ts';
import { bareCopy, deadLetterCopy } from './copies.ts';
import { deadLetter } from './dead-lettering.ts';
import { names, queueName, said } from './log-fields.ts';
import type { Message } from './message.ts';
import type { QueueOfInvocation, QueueStrategy } from './queue-strategy.ts';
import type { Received } from './redelivery.ts';

/** Back-off of groups whose first message was not started, or whose outcome could not be carried out; milliseconds. */
const COMES_BACK = { baseMs: 1_000, capMs: 10_000 };

const NOT_STARTED = "the invocation's time was spent, or a message of its group before it is not finished";

/** By invocation and message group: when the group's messages come back, in seconds from their settling. */
const DELAYS = new WeakMap<QueueOfInvocation, Map<string, number>>();

/**
 * A FIFO queue. Message groups run in parallel, the messages of one group strictly in order. After the first message of a group
 * that is not finished, the rest of the group is reported untouched.
 *
 * | verdict | action |
 * | --- | --- |
 * | done, duplicate | acknowledged |
 * | retry, deferred, not started | reported as failed; it and the rest of its group become visible together, after the back-off |
 * | dead | parked: copied to the DLQ with its reason, group and deduplication id, deleted at once; the group goes on |
 * | dead, of a type that blocks | the same copy as a notice; the message stays, and its group waits for an operator: see `Blocks` |
 *
 * Nothing is ever sent to the queue itself, because a copy would be behind the messages that it comes before. A group is locked
 * while any of its messages is in flight [SQS: FIFO delivery logic], so what is reported with a failed message gets the same
 * visibility timeout: left alone it would keep the group locked for six times the function's timeout. It never ends earlier
 * than that of the message before it.
 *
 * Messages behind a failing one are received each time that it is. So receives say nothing about them, and runs are counted in
 * the ledger alone.
 */
export const fifoQueue: QueueStrategy = {
  laneOf: ({ record }) => record.attributes?.MessageGroupId ?? '',
  afterFailure: 'stop',
  keepsOrder: true,
  takeUp,
  settle,
};

async function takeUp(message: Received, queue: QueueOfInvocation): Promise<Verdict | 'anew' | undefined> {
  queue.trace?.('message_received', details(message), 'info');
  if (!message.blocks || message.receiveCount === 1) return undefined;
  const blocked = await blocksOf(message, queue).find(message.record.messageId);
  switch (blocked?.state) {
    case 'waits': {
      queue.report.blocked += 1;
      const afterMs = blockedDelayMs(queue.now() - blocked.since);
      return { kind: 'deferred', afterMs, why: "its group waits for an operator's decision: see sluice dlq list" };
    }
    case 'parked':
      return { kind: 'duplicate' };
    case 'runsAgain':
      return 'anew';
    default:
      return undefined;
  }
}

async function settle(
  message: Received,
  verdict: Verdict,
  _history: unknown,
  queue: QueueOfInvocation,
): Promise<boolean> {
  const { log, report, trace } = queue;
  report.verdicts[verdict.kind] += 1;
  switch (verdict.kind) {
    case 'duplicate':
      trace?.('message_skipped', details(message));
      trace?.('sqs_delete_message', details(message));
      return true;
    case 'done':
      trace?.('sqs_delete_message', details(message));
      return true;
    case 'retry': {
      const { afterMs, failure, runs } = verdict;
      log.warn('job_retried', { details: { ...details(message), ...said(failure), runs, afterMs } });
      return await comeBack(message, afterMs, queue);
    }
    case 'dead':
      return message.blocks ? await block(message, verdict, queue) : await park(message, verdict, queue);
    case 'deferred':
      report.noteDeferral(verdict.why);
      trace?.('job_deferred', { ...details(message), reason: verdict.why, afterMs: verdict.afterMs });
      return await comeBack(message, verdict.afterMs, queue);
    case 'notStarted':
      report.noteDeferral(NOT_STARTED);
      trace?.('job_deferred', { ...details(message), reason: NOT_STARTED });
      return await comeBack(message, soon(message), queue);
  }
}

type Dead = Extract<Verdict, { kind: 'dead' }>;

/**
 * Deleted before the group goes on. Left to the end of the batch, a process that is killed meanwhile would bring the message back
 * behind others of its group.
 */
async function park(message: Received, { failure, runs }: Dead, queue: QueueOfInvocation): Promise<boolean> {
  const copied = await deadLetter(message, failure, runs, queue, { copyOf: parkedCopy });
  if (!copied) return await comeBack(message, soon(message), queue);
  try {
    await queue.deleteMessage(message.record.receiptHandle);
    queue.trace?.('sqs_delete_message', details(message));
    return true;
  } catch (error) {
    queue.report.errors.queueDelete += 1;
    noteUrlError(error, queue);
    const { message: text } = error as Error;
    queue.log.error('sqs_delete_message', { details: { ...details(message), error: text } });
    return await comeBack(message, soon(message), queue);
  }
}

/**
 * A body of 1 MiB has no room for a reason. Then it is parked without one, because it would hold up its group for as long as the
 * queue keeps it; the log has the reason.
 */
const parkedCopy: typeof deadLetterCopy = (record, reason, requeued) =>
  deadLetterCopy(record, reason, requeued) ?? bareCopy(record);

/**
 * The notice is sent before the state is written. After a kill between the two the message runs once more, and there may be two
 * notices; the other way round there might be none. Its deduplication id is its own: a message that blocks again within five
 * minutes needs another notice.
 */
async function block(message: Received, { failure, runs }: Dead, queue: QueueOfInvocation): Promise<boolean> {
  const { messageId } = message.record;
  const copyOf: typeof deadLetterCopy = (...of) => {
    const copy = parkedCopy(...of);
    return copy && { ...copy, MessageDeduplicationId: `block-${messageId}-${message.receiveCount}` };
  };
  const told = await deadLetter(message, failure, runs, queue, { copyOf, more: { blocks: true } });
  if (!told) return await comeBack(message, soon(message), queue);
  try {
    await blocksOf(message, queue).put(messageId);
    queue.report.blocked += 1;
    queue.log.error('group_blocked', { details: { ...details(message), ...said(failure) } });
    return await comeBack(message, blockedDelayMs(0), queue);
  } catch (error) {
    // It runs once more then.
    const { message: text } = error as Error;
    queue.log.warn('block_not_noted', { details: { ...details(message), error: text } });
    return await comeBack(message, soon(message), queue);
  }
}

/** Makes the message, and what is reported after it of its group, come back together. @returns false: it is not acknowledged */
async function comeBack(message: Received, afterMs: number, queue: QueueOfInvocation): Promise<boolean> {
  const { changeVisibility, log, report } = queue;
  const delays = DELAYS.get(queue) ?? new Map<string, number>();
  DELAYS.set(queue, delays);
  const group = message.record.attributes?.MessageGroupId ?? '';
  const seconds = delays.get(group) ?? visibilitySeconds(afterMs);
  delays.set(group, seconds);
  try {
    await changeVisibility({ receiptHandle: message.record.receiptHandle, seconds });
  } catch (error) {
    report.errors.queueVisibility += 1;
    noteUrlError(error, queue);
    log.warn('visibility_change_failed', { details: { ...details(message), error: (error as Error).message } });
  }
  return false;
}

const soon = ({ receiveCount }: Message): number => backoff(Math.min(receiveCount, 5), COMES_BACK, Math.random());

function blocksOf({ record }: Message, { records, now }: QueueOfInvocation): Blocks {
  return new Blocks(records, queueName(record.eventSourceARN), now);
}

function details(message: Received): object {
  return { ...names(message), group: message.record.attributes?.MessageGroupId };
}

/** SQS knows no queue of the URL that the function was deployed with. */
function noteUrlError(error: unknown, { report }: QueueOfInvocation): void {
  if (isAws((error as Error).name, 'missing')) report.errors.queueUrl += 1;
}

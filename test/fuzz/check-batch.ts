import type { Message } from '@aws-sdk/client-sqs';
import type { Hostile } from './messages.ts';
import type { Subject } from './subject.ts';

/** Characters that a line of the log may have: an error with its reason, whatever the message. */
const MAX_LINE = 20_000;
/** A message with its reason has to fit into SQS's 1 MiB; from this size on it may not. Bytes. */
const MAY_NOT_FIT = 1_048_576 - 30_000;

/** What became of the hostile messages of a batch. */
export interface Outcomes {
  dead: number;
  /** Jobs after all: stored, or known as duplicates. */
  done: number;
  /** Reported as failed, since no letter can hold message and reason. */
  tooLarge: number;
  /** Sent back to its queue with a fresh receive count, to be run alone. */
  requeued: number;
}

/**
 * Sends one batch of hostile messages, with a healthy job before, between and after them.
 *
 * @param name unique to the batch
 * @throws Error that says what did not hold
 */
export async function checkBatch(subject: Subject, messages: readonly Hostile[], name: string): Promise<Outcomes> {
  const healthy = Array.from({ length: messages.length + 1 }, (_, i) => ({ job_id: `ok-${name}-${i}`, value: i }));
  const records = healthy.flatMap((job, i) => {
    const neighbour = record(`ok-${i}`, { body: JSON.stringify(job), messageAttributes: {}, receiveCount: 1 });
    const message = messages[i];
    return message ? [neighbour, record(`h-${i}`, message)] : [neighbour];
  });

  const { batchItemFailures } = await subject.invoke(records);
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const foreign = [...failed].filter((id) => !/^h-\d+$/.test(id));
  if (foreign.length > 0) throw new Error(`reported as failed: ${foreign}`);

  const results = await subject.results(healthy.map(({ job_id }) => job_id));
  for (const { job_id, value } of healthy) {
    if (results.get(job_id) !== value * 3) throw new Error(`the neighbour ${job_id} has ${results.get(job_id)}`);
  }

  const letters = new Map((await subject.takeDeadLetters()).map((letter) => [checkedReason(letter).messageId, letter]));
  const lines = subject.takeLines();
  const long = lines.find((line) => line.length > MAX_LINE);
  if (long) throw new Error(`a log line of ${long.length} characters: ${long.slice(0, 300)}`);

  const outcomes: Outcomes = { dead: 0, done: 0, tooLarge: 0, requeued: 0 };
  for (const [i, message] of messages.entries())
    outcomes[outcomeOf(message, letters.get(`h-${i}`), failed.has(`h-${i}`))] += 1;
  const saidRequeued = lines.map(requeuedIn).reduce((sum, count) => sum + count, 0);
  if (outcomes.requeued > saidRequeued) throw new Error(`${outcomes.requeued} acknowledged without an outcome`);
  return outcomes;
}

/** What the line of an invocation says, 0 in every other line. */
function requeuedIn(line: string): number {
  return line.includes('"batch_processed"') ? JSON.parse(line).details.requeued : 0;
}

function outcomeOf({ body, receiveCount }: Hostile, letter: Message | undefined, hasFailed: boolean): keyof Outcomes {
  if (letter && letter.Body !== body) throw new Error('its letter has another body');
  if (letter && hasFailed) throw new Error('it is dead and failed at once');
  if (letter) return 'dead';
  if (hasFailed && Buffer.byteLength(body) > MAY_NOT_FIT) return 'tooLarge';
  if (hasFailed) throw new Error('it is reported as failed, and would come back');
  if (couldBeDone(body)) return 'done';
  if (receiveCount > 1) return 'requeued';
  throw new Error('it was acknowledged, and is neither dead nor a job');
}

function couldBeDone(body: string): boolean {
  try {
    const { type = 'triple', job_id, value, ...more } = JSON.parse(body);
    return (
      type === 'triple' &&
      typeof job_id === 'string' &&
      job_id.isWellFormed() &&
      typeof value === 'number' &&
      Object.keys(more).length === 0
    );
  } catch {
    return false;
  }
}

function checkedReason({ MessageAttributes = {} }: Message): { messageId: string } {
  const text = MessageAttributes.DeadLetterReason?.StringValue;
  if (!text) throw new Error('a letter has no reason');
  const reason = JSON.parse(text);
  const isWhole =
    /^\w{1,100}$/.test(reason.errorClass) &&
    typeof reason.message === 'string' &&
    reason.message.length >= 10 &&
    reason.message.length <= 1_000 &&
    reason.message.isWellFormed() &&
    /^[\w-]{12}$/.test(reason.fingerprint) &&
    /^[\w.-]{1,64}$/.test(reason.type) &&
    ['permanent', 'transient'].includes(reason.kind);
  if (!isWhole) throw new Error(`a reason is not whole: ${text.slice(0, 500)}`);
  return reason;
}

function record(messageId: string, { body, messageAttributes, receiveCount }: Hostile): object {
  return {
    messageId,
    receiptHandle: 'no-handle',
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: '1',
      SenderId: 'x',
      ApproximateFirstReceiveTimestamp: '1',
    },
    messageAttributes,
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:sluice-test-jobs',
    awsRegion: 'us-east-1',
  };
}

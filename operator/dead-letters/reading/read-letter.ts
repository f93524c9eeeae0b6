import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { readJob, TYPE_NAME } from '../../../src/queues/message.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE, readReason } from '../../../src/queues/reason.ts';
import type { HeldLetter } from './letter.ts';

/** Clocks differ by minutes. A reason dated later than its message by more than this was not written by a worker. */
const MAX_CLOCK_SKEW_MS = 3_600_000;

/** A received message as a letter. Total: a body that holds no job leaves `jobId` and `type` to its reason. */
export function readLetter(message: Message): HeldLetter {
  const { MessageId = '', Body = '', MessageAttributes = {}, Attributes = {}, ReceiptHandle = '' } = message;
  const attributes = readable(MessageAttributes);
  const reason = reasonOf(attributes, Number(Attributes.SentTimestamp));
  return {
    messageId: MessageId,
    body: Body,
    attributes,
    system: Attributes,
    reason,
    receiptHandle: ReceiptHandle,
    ...identityOf(Body, reason),
  };
}

/** Without those that the SDK has emptied: see `EveryAttributeProtocol`. */
function readable(attributes: Readonly<Record<string, MessageAttributeValue | undefined>>): HeldLetter['attributes'] {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  );
}

/**
 * The worker writes a reason and then sends the message. One from the future would hide a letter from `--older-than`.
 */
function reasonOf(attributes: HeldLetter['attributes'], sentAt: number): DeadLetterReason | undefined {
  const reason = readReason(attributes[REASON_ATTRIBUTE]?.StringValue);
  const isForged = reason !== undefined && Date.parse(reason.lastFailedAt) > sentAt + MAX_CLOCK_SKEW_MS;
  return isForged ? undefined : reason;
}

/** A body without a type leaves it to the reason: the worker knew its queue's default type. */
function identityOf(body: string, reason: DeadLetterReason | undefined): Pick<HeldLetter, 'jobId' | 'type'> {
  try {
    const { job_id, type = reason?.type } = readJob(body);
    return {
      type: typeof type === 'string' && TYPE_NAME.test(type) ? type : undefined,
      jobId: typeof job_id === 'string' ? job_id : undefined,
    };
  } catch {
    return { type: undefined, jobId: undefined };
  }
}

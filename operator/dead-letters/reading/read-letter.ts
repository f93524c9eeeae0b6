import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { readBody } from '../../../src/queues/message.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE, readReason } from '../../../src/queues/reason.ts';
import { DEFAULT_TYPE } from '../../default-type.ts';
import type { HeldLetter } from './letter.ts';

/** Clocks differ by minutes. A reason dated later than its message by more than this was not written by a worker. */
const MAX_CLOCK_SKEW_MS = 3_600_000;

/** A received message as a letter. Total: a body that holds no job leaves `jobId` and `type` to its reason. */
export function readLetter(message: Message): HeldLetter {
  const { MessageId = '', Body = '', MessageAttributes = {}, Attributes = {}, ReceiptHandle = '' } = message;
  const attributes = readable(MessageAttributes);
  return {
    messageId: MessageId,
    body: Body,
    attributes,
    system: Attributes,
    reason: reasonOf(attributes, Number(Attributes.SentTimestamp)),
    receiptHandle: ReceiptHandle,
    ...identityOf(Body),
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

function identityOf(body: string): Pick<HeldLetter, 'jobId' | 'type'> {
  try {
    const { type, job } = readBody(body, DEFAULT_TYPE);
    return { type, jobId: typeof job.job_id === 'string' ? job.job_id : undefined };
  } catch {
    return { type: undefined, jobId: undefined };
  }
}

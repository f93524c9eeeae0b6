import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { traceOf } from '../../../src/aws/trace-header.ts';
import {
  type Attributes,
  attributesOf,
  MAX_ATTRIBUTES,
  MAX_BYTES,
  messageBytes,
} from '../../../src/queues/attributes.ts';
import { REASON_ATTRIBUTE } from '../../../src/queues/reason.ts';
import { parseReturned, RETURNED_ATTRIBUTE } from '../../../src/queues/returned.ts';
import type { Sending } from '../../../src/queues/sender.ts';
import type { DeadLetter } from '../reading/letter.ts';

/**
 * The message that a letter goes back as: body and attributes byte for byte, those included that found no room beside
 * the reason. The reason travels along where there is room, so that a later one counts on from it. The mark that bounds
 * how long a worker may return a message does not: its four days begin anew.
 *
 * @param fifo whether the destination is. Its deduplication id comes from the letter's own message id: a second try within
 *   five minutes is swallowed, a later redrive of the job is not, since its letter is another
 */
export function redrivenMessage(letter: DeadLetter, { fifo }: { fifo: boolean }): Sending {
  const { body, reason, system } = letter;
  const { MessageGroupId, AWSTraceHeader } = system;
  return {
    MessageBody: body,
    MessageAttributes: attributesBack(letter, reason?.overflow ?? overflowOfCopy(letter)),
    ...traceOf(AWSTraceHeader),
    ...(MessageGroupId && { MessageGroupId }),
    ...(fifo && { MessageDeduplicationId: `redrive-${letter.messageId}` }),
  };
}

function attributesBack({ body, attributes }: DeadLetter, overflow: SQSRecord['messageAttributes'] = {}): Attributes {
  const { [REASON_ATTRIBUTE]: reason, [RETURNED_ATTRIBUTE]: _, ...rest } = attributes;
  const { [REASON_ATTRIBUTE]: __, [RETURNED_ATTRIBUTE]: ___, ...brought } = overflow;
  const all = { ...attributesOf(brought), ...rest };
  // More than SQS takes cannot have come off one message: then the reason, and what it brings, are a forgery.
  const own = isTaken(body, all) ? all : rest;
  if (!reason) return own;
  const withReason: Record<string, MessageAttributeValue> = { ...own, [REASON_ATTRIBUTE]: reason };
  return isTaken(body, withReason) ? withReason : own;
}

/** Where SQS moved a copy that the worker had returned to its queue: what found no room on it. */
function overflowOfCopy({ attributes }: DeadLetter): SQSRecord['messageAttributes'] | undefined {
  return parseReturned(attributes[RETURNED_ATTRIBUTE]?.StringValue, Date.now())?.overflow;
}

function isTaken(body: string, attributes: Attributes): boolean {
  return Object.keys(attributes).length <= MAX_ATTRIBUTES && messageBytes(body, attributes) <= MAX_BYTES;
}

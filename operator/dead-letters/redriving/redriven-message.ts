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
import { parseRequeued, REQUEUED_ATTRIBUTE } from '../../../src/queues/requeued.ts';
import type { Sending } from '../../../src/queues/sender.ts';
import type { DeadLetter } from '../reading/letter.ts';

/**
 * The message that a letter goes back as. Body and attributes are the same, byte for byte, with those that had no room
 * beside the reason. The reason goes along where there is room, so that a later one counts on from it. The mark that
 * limits how long a worker may return a message is left out: its four days start again.
 *
 * @param fifo whether the destination is. The deduplication id is made from the letter's message id. So SQS ignores a second
 *   try within five minutes, but not a later redrive of the job, whose letter is another
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
  const { [REASON_ATTRIBUTE]: reason, [REQUEUED_ATTRIBUTE]: _, ...rest } = attributes;
  const { [REASON_ATTRIBUTE]: __, [REQUEUED_ATTRIBUTE]: ___, ...brought } = overflow;
  const all = { ...attributesOf(brought), ...rest };
  // No message had more attributes than SQS takes: then the reason and its overflow are a forgery.
  const own = isTaken(body, all) ? all : rest;
  if (!reason) return own;
  const withReason: Record<string, MessageAttributeValue> = { ...own, [REASON_ATTRIBUTE]: reason };
  return isTaken(body, withReason) ? withReason : own;
}

/** The attributes that had no room on a copy which a worker requeued, and which SQS then moved. */
function overflowOfCopy({ attributes }: DeadLetter): SQSRecord['messageAttributes'] | undefined {
  return parseRequeued(attributes[REQUEUED_ATTRIBUTE]?.StringValue, Date.now())?.overflow;
}

function isTaken(body: string, attributes: Attributes): boolean {
  return Object.keys(attributes).length <= MAX_ATTRIBUTES && messageBytes(body, attributes) <= MAX_BYTES;
}

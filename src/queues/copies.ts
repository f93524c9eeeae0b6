import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import { type Attributes, attributesOf, MAX_ATTRIBUTES, MAX_BYTES, messageBytes, text } from './attributes.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE } from './reason.ts';
import type { Sending } from './requests.ts';
import { traceOf } from './trace-header.ts';

/** The message attribute that says since when a message has been returned to its queue, in milliseconds since the epoch. */
export const RETURNED_ATTRIBUTE = 'ReturnedSince';

/**
 * For how long a message may be returned to its queue before it is dead-lettered after all: a queue's own retention of
 * four days, which every return starts anew. Milliseconds.
 */
export const MAX_RETURNED_MS = 4 * 86_400_000;

/** SQS delays a message by at most 15 minutes [SQS quotas]; seconds. */
const MAX_DELAY = 900;

/**
 * A copy of the message for the dead-letter queue: its body byte for byte, its reason, and its own attributes as far as
 * ten fit; those that do not travel inside the reason.
 *
 * @returns undefined when body and reason do not fit into one message: then only SQS's own redrive can move it
 */
export function deadLetterCopy(record: SQSRecord, reason: DeadLetterReason): Sending | undefined {
  const own = Object.entries(attributesOf(record)).filter(
    ([name]) => name !== REASON_ATTRIBUTE && name !== RETURNED_ATTRIBUTE,
  );
  const room = MAX_ATTRIBUTES - 1;
  const overflow = Object.fromEntries(
    own.slice(room).map(([name]) => [name, record.messageAttributes[name] as SQSMessageAttributes[string]]),
  );
  const whole = own.length > room ? { ...reason, overflow } : reason;
  const candidates: [Attributes, DeadLetterReason][] = [
    [Object.fromEntries(own.slice(0, room)), whole],
    [Object.fromEntries(own.slice(0, room)), { ...reason, message: reason.message.slice(0, 100) }],
    [{}, { ...reason, message: reason.message.slice(0, 100) }],
  ];
  for (const [attributes, explained] of candidates) {
    const withReason = { ...attributes, [REASON_ATTRIBUTE]: text(reasonText(explained)) };
    if (messageBytes(record.body, withReason) <= MAX_BYTES) return sending(record, withReason);
  }
  return undefined;
}

/**
 * A copy of the message for its own queue, with a fresh receive count. The job's identity is in its body, so a copy
 * whose original was not deleted is a duplicate like any other.
 *
 * @param afterMs delay, capped at 15 minutes
 * @returns undefined when there is no room for the attribute that bounds how long this may go on
 */
export function returnedCopy(record: SQSRecord, afterMs: number, now: number): Sending | undefined {
  const attributes = attributesOf(record);
  attributes[RETURNED_ATTRIBUTE] ??= { DataType: 'Number', StringValue: String(now) };
  if (Object.keys(attributes).length > MAX_ATTRIBUTES || messageBytes(record.body, attributes) > MAX_BYTES)
    return undefined;
  return { ...sending(record, attributes), DelaySeconds: Math.min(MAX_DELAY, Math.ceil(afterMs / 1000)) };
}

/** For how long a message has been returned to its queue again and again, in milliseconds. */
export function returnedForMs(record: SQSRecord, now: number): number {
  const since = Number(record.messageAttributes?.[RETURNED_ATTRIBUTE]?.stringValue ?? now);
  return Number.isFinite(since) ? now - since : 0;
}

/** A trace goes on over the copy, and a fair queue's tenant stays known. */
function sending({ body, attributes: system }: SQSRecord, attributes: Attributes): Sending {
  return {
    MessageBody: body,
    MessageAttributes: attributes,
    ...traceOf(system?.AWSTraceHeader),
    ...(system?.MessageGroupId && { MessageGroupId: system.MessageGroupId }),
  };
}

/** SQS refuses U+FFFE and U+FFFF; JSON leaves them as they are. */
function reasonText(reason: DeadLetterReason): string {
  return JSON.stringify(reason).replaceAll(/[\ufffe\uffff]/g, '\ufffd');
}

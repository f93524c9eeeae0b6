import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import { traceOf } from '../aws/trace-header.ts';
import { type Attributes, attributesOf, MAX_ATTRIBUTES, MAX_BYTES, messageBytes, text } from './attributes.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE } from './reason.ts';
import { REQUEUED_ATTRIBUTE, type Requeued } from './requeued.ts';
import type { Sending } from './sender.ts';

/** SQS delays a message by at most 15 minutes [SQS quotas]; seconds. */
const MAX_DELAY = 900;

/**
 * A copy of the message for the dead-letter queue: its body byte for byte, its reason, and its own attributes. A
 * message has at most ten attributes; those that find no room are put into the reason. A copy above 1 MiB is made
 * smaller: first its reason's message is cut to 100 characters and the attributes in the reason are left out, then all
 * attributes.
 *
 * @param requeued what earlier copies of the message carried, such as the attributes that found no room there
 * @returns undefined where body and reason do not fit into one message; then only SQS's own redrive policy can move it
 */
export function deadLetterCopy(record: SQSRecord, reason: DeadLetterReason, requeued?: Requeued): Sending | undefined {
  const { attributes: own, overflow } = split(record, requeued, [REASON_ATTRIBUTE, REQUEUED_ATTRIBUTE]);
  const candidates: [Attributes, DeadLetterReason][] = [
    [own, overflow ? { ...reason, overflow } : reason],
    [own, { ...reason, message: reason.message.slice(0, 100) }],
    [{}, { ...reason, message: reason.message.slice(0, 100) }],
  ];
  for (const [attributes, explained] of candidates) {
    const withReason = { ...attributes, [REASON_ATTRIBUTE]: text(wellFormed(explained)) };
    if (messageBytes(record.body, withReason) <= MAX_BYTES) return sending(record, withReason);
  }
  return undefined;
}

/**
 * A copy of the message for its own queue, or its retry queue, with a fresh receive count. The job's key is in its body. So if the original
 * is not deleted, the copy is a duplicate like any other.
 *
 * @param requeued what the copy must know of the message; its `overflow` is what the message itself carried
 * @param afterMs delay, at most 15 minutes
 * @returns undefined where the message has no room for the attribute that limits how long it may be requeued
 */
export function requeuedCopy(record: SQSRecord, requeued: Requeued, afterMs: number): Sending | undefined {
  const { attributes, overflow } = split(record, requeued, [REQUEUED_ATTRIBUTE]);
  const { overflow: _, ...facts } = requeued;
  attributes[REQUEUED_ATTRIBUTE] = text(wellFormed({ ...facts, ...(overflow && { overflow }) }));
  if (messageBytes(record.body, attributes) > MAX_BYTES) return undefined;
  return { ...sending(record, attributes), DelaySeconds: Math.min(MAX_DELAY, Math.ceil(afterMs / 1000)) };
}

/**
 * Splits a message's attributes, without ours. `attributes` are as many as leave room for one of ours; `overflow` are
 * the others, as Lambda delivers them.
 */
function split(
  record: SQSRecord,
  requeued: Requeued | undefined,
  ours: readonly string[],
): { attributes: Attributes; overflow: SQSMessageAttributes | undefined } {
  const own = record.messageAttributes ?? {};
  const brought = Object.entries(requeued?.overflow ?? {}).filter(([name]) => !Object.hasOwn(own, name));
  const all: SQSMessageAttributes = { ...own, ...Object.fromEntries(brought) };
  const isOurs = Object.keys(own).length + brought.length <= MAX_ATTRIBUTES + ours.length;
  // A message cannot have had more than this. Then the overflow is forged, and is left out.
  const names = Object.keys(isOurs ? all : own).filter((name) => !ours.includes(name));
  const room = MAX_ATTRIBUTES - 1;
  const pick = (chosen: string[]) => Object.fromEntries(chosen.map((name) => [name, all[name]]));
  return {
    attributes: attributesOf(pick(names.slice(0, room)) as SQSMessageAttributes),
    overflow: names.length > room ? (pick(names.slice(room)) as SQSMessageAttributes) : undefined,
  };
}

/** A copy without attributes, for a message that has no room for a reason. */
export function bareCopy(record: SQSRecord): Sending {
  return sending(record, {});
}

/** The copy continues the original's trace, and keeps its message group: on a standard queue, the tenant of a fair queue. */
function sending({ body, attributes: system }: SQSRecord, attributes: Attributes): Sending {
  return {
    MessageBody: body,
    MessageAttributes: attributes,
    ...traceOf(system?.AWSTraceHeader),
    ...(system?.MessageGroupId && { MessageGroupId: system.MessageGroupId }),
    ...(system?.MessageDeduplicationId && { MessageDeduplicationId: system.MessageDeduplicationId }),
  };
}

/** SQS refuses U+FFFE and U+FFFF, and JSON does not escape them. */
function wellFormed(value: DeadLetterReason | Requeued): string {
  return JSON.stringify(value).replaceAll(/[\ufffe\uffff]/g, '\ufffd');
}

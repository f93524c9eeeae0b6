import { SqsError, type SqsQueue } from '../fauxqs/internals.ts';
import { INVALID_CHARACTER } from './characters.ts';
import { type Attribute, attributeBytes, checkAttributes } from './message-attributes.ts';
import { invalidParameter, invalidValue, missingParameter } from './refusals.ts';

/** A message as a request brings it: SendMessage's body, or an entry of SendMessageBatch. */
export interface NewMessage {
  MessageBody?: string;
  MessageAttributes?: Record<string, Attribute>;
  MessageSystemAttributes?: { AWSTraceHeader?: { StringValue?: string } };
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
  DelaySeconds?: number;
}

/** The longest delay SQS takes, in seconds. */
const MAXIMUM_DELAY = 900;
/** Letters, digits and punctuation. */
const GROUP_OR_DEDUPLICATION_ID = /^[!-~]{1,128}$/;

/** Refuses what SQS refuses as a message. @throws {SqsError} */
export function checkMessage(message: NewMessage, queue: SqsQueue) {
  const { MessageBody, MessageAttributes = {} } = message;
  if (typeof MessageBody !== 'string' || MessageBody === '') throw missingParameter('MessageBody');
  if (INVALID_CHARACTER.test(MessageBody)) {
    throw new SqsError(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.',
    );
  }
  checkAttributes(MessageAttributes);
  const most = Number(queue.attributes.MaximumMessageSize);
  if (bytesOf(message) > most) {
    throw invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
  }
  checkDelay(message, queue);
  checkIds(message, queue);
}

export const bytesOf = ({ MessageBody = '', MessageAttributes = {} }: NewMessage): number =>
  Buffer.byteLength(`${MessageBody}`) + attributeBytes(MessageAttributes);

function checkDelay({ DelaySeconds = 0 }: NewMessage, queue: SqsQueue) {
  if (!(DelaySeconds >= 0 && DelaySeconds <= MAXIMUM_DELAY)) {
    throw invalidValue('DelaySeconds', DelaySeconds, `DelaySeconds must be >= 0 and <= ${MAXIMUM_DELAY}.`);
  }
  if (DelaySeconds > 0 && queue.isFifo()) {
    throw invalidValue(
      'DelaySeconds',
      DelaySeconds,
      'The request include parameter that is not valid for this queue type.',
    );
  }
}

function checkIds({ MessageGroupId, MessageDeduplicationId }: NewMessage, queue: SqsQueue) {
  for (const [name, id] of Object.entries({ MessageGroupId, MessageDeduplicationId })) {
    if (id === undefined || (typeof id === 'string' && GROUP_OR_DEDUPLICATION_ID.test(id))) continue;
    const reason = `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`;
    throw invalidValue(name, id, reason);
  }
  if (MessageDeduplicationId !== undefined && !queue.isFifo()) {
    const reason = 'The request include parameter that is not valid for this queue type.';
    throw invalidValue('MessageDeduplicationId', MessageDeduplicationId, reason);
  }
}

/** What a FIFO queue cannot do without; a batch with one such entry is refused whole. @throws {SqsError} */
export function checkOrder({ MessageGroupId, MessageDeduplicationId }: NewMessage, queue: SqsQueue) {
  if (!queue.isFifo()) return;
  if (MessageGroupId === undefined) throw missingParameter('MessageGroupId');
  if (MessageDeduplicationId === undefined && queue.attributes.ContentBasedDeduplication !== 'true') {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
}

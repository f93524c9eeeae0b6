import { SqsError, type SqsQueue, SqsStore } from '../fauxqs/internals.ts';
import { entriesOf, runEach } from './batch.ts';
import type { Body, Caller } from './call.ts';
import { FifoQueue } from './fifo-queue.ts';
import { bytesOf, checkMessage, checkOrder, type NewMessage } from './message.ts';
import { addExtras } from './message-extras.ts';
import type { QueueStore } from './store.ts';

/** A batch request is limited as a whole. */
const MOST_BATCH_BYTES = 1_048_576;

/** SendMessage. */
export function send(body: Body, store: QueueStore, { traceHeader }: Caller) {
  const queue = store.named(body.QueueUrl);
  checkOrder(body as NewMessage, queue);
  return put(body as NewMessage, queue, traceHeader);
}

/** SendMessageBatch. */
export function sendBatch(body: Body, store: QueueStore, { traceHeader }: Caller) {
  const queue = store.named(body.QueueUrl);
  const entries = entriesOf<NewMessage>(body);
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes > MOST_BATCH_BYTES) {
    const message = `Batch requests cannot be longer than ${MOST_BATCH_BYTES} bytes. You have sent ${bytes} bytes.`;
    throw new SqsError('BatchRequestTooLong', message);
  }
  for (const entry of entries) checkOrder(entry, queue);
  return runEach(entries, (entry) => put(entry, queue, traceHeader));
}

/** A message's own trace goes before that of the request. */
function put(wanted: NewMessage, queue: SqsQueue, requestTrace: string | undefined) {
  checkMessage(wanted, queue);
  const { MessageBody = '', MessageAttributes = {}, MessageGroupId, MessageDeduplicationId } = wanted;
  // A FIFO queue delays all its messages alike, or they would overtake each other.
  const ownDelay = queue.isFifo() ? undefined : wanted.DelaySeconds;
  const message = SqsStore.createMessage(
    MessageBody,
    MessageAttributes as Parameters<typeof SqsStore.createMessage>[1],
    ownDelay ?? Number(queue.attributes.DelaySeconds),
    MessageGroupId,
    MessageDeduplicationId,
  );
  const traceHeader = wanted.MessageSystemAttributes?.AWSTraceHeader?.StringValue ?? requestTrace;
  if (traceHeader) addExtras(message, { traceHeader });
  const { messageId, sequenceNumber } = queue instanceof FifoQueue ? queue.accept(message) : message;
  if (!(queue instanceof FifoQueue)) queue.enqueue(message);
  return {
    MessageId: messageId,
    MD5OfMessageBody: message.md5OfBody,
    ...(message.md5OfMessageAttributes && { MD5OfMessageAttributes: message.md5OfMessageAttributes }),
    ...(sequenceNumber && { SequenceNumber: sequenceNumber }),
  };
}

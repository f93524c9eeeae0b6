import { receiveMessage, type SqsQueue } from '../fauxqs/internals.ts';
import type { Body } from './call.ts';
import { extrasOf } from './message-extras.ts';
import type { QueueStore } from './store.ts';

interface Received {
  ReceiptHandle: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: object;
  MD5OfMessageAttributes?: string;
}

/**
 * ReceiveMessage. It differs from fauxqs' own in three ways. When another receiver was faster, it waits on until its
 * time is over. It hands nothing to a client that has gone, because the messages would be invisible for a whole
 * visibility timeout. It returns message attributes only if the request names some.
 */
export async function receive(body: Body, store: QueueStore, isGone: () => boolean) {
  const queue = store.getQueue(String(body.QueueUrl));
  const seconds = Number(body.WaitTimeSeconds ?? queue?.attributes.ReceiveMessageWaitTimeSeconds ?? 0);
  const deadline = performance.now() + seconds * 1000;
  // The first try also validates the request: fauxqs refuses a WaitTimeSeconds that is out of range.
  let messages = await look({ ...body, ...(seconds >= 0 && seconds <= 20 && { WaitTimeSeconds: 0 }) }, store);
  while (messages.length === 0 && queue && !isGone()) {
    const left = (deadline - performance.now()) / 1000;
    if (left <= 0) break;
    await queue.waitForMessages(left);
    if (!isGone()) messages = await look({ ...body, WaitTimeSeconds: 0 }, store);
  }
  for (const message of messages) complete(message, body, queue);
  return messages.length ? { Messages: messages } : {};
}

async function look(body: Body, store: QueueStore): Promise<Received[]> {
  const answer = (await receiveMessage(body, store)) as { Messages?: Received[] };
  return answer.Messages ?? [];
}

function complete(message: Received, body: Body, queue: SqsQueue | undefined) {
  if (!(body.MessageAttributeNames as string[] | undefined)?.length) {
    delete message.MessageAttributes;
    delete message.MD5OfMessageAttributes;
  }
  const names = [...asList(body.AttributeNames), ...asList(body.MessageSystemAttributeNames)];
  if (names.length === 0 || !queue) return;
  const stored = queue.inflightMessages.get(message.ReceiptHandle)?.message;
  if (!stored) return;
  const { traceHeader, deadLetterSourceArn } = extrasOf(stored);
  const wants = (name: string) => names.includes('All') || names.includes(name);
  message.Attributes = {
    ...message.Attributes,
    ...(traceHeader && wants('AWSTraceHeader') && { AWSTraceHeader: traceHeader }),
    ...(deadLetterSourceArn && wants('DeadLetterQueueSourceArn') && { DeadLetterQueueSourceArn: deadLetterSourceArn }),
  };
}

const asList = (names: unknown): string[] => (Array.isArray(names) ? names : []);

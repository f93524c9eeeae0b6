import { md5OfMessageAttributes, type ReceivedMessage, receiveMessage, type SqsQueue } from '../fauxqs/internals.ts';
import type { Body } from './call.ts';
import { extrasOf } from './message-extras.ts';
import type { QueueStore } from './store.ts';

/**
 * ReceiveMessage. It differs from fauxqs' own in three ways. When another receiver was faster, it waits on until its
 * time is over. It hands nothing to a client that has gone, because the messages would be invisible for a whole
 * visibility timeout. It returns message attributes only if the request names some.
 */
export async function receive(body: Body, store: QueueStore, isGone: () => boolean) {
  const queue = store.named(body.QueueUrl);
  const seconds = Number(body.WaitTimeSeconds ?? queue.attributes.ReceiveMessageWaitTimeSeconds ?? 0);
  const deadline = performance.now() + seconds * 1000;
  // The first try also validates the request: fauxqs refuses a WaitTimeSeconds that is out of range.
  let messages = await look({ ...body, ...(seconds >= 0 && seconds <= 20 && { WaitTimeSeconds: 0 }) }, store);
  while (messages.length === 0 && !isGone()) {
    const left = (deadline - performance.now()) / 1000;
    if (left <= 0) break;
    await queue.waitForMessages(left);
    if (!isGone()) messages = await look({ ...body, WaitTimeSeconds: 0 }, store);
  }
  for (const message of messages) complete(message, body, queue);
  return messages.length ? { Messages: messages } : {};
}

async function look(body: Body, store: QueueStore): Promise<ReceivedMessage[]> {
  // What fauxqs takes for a prefix is not what SQS does, so it filters nothing.
  const { Messages = [] } = await receiveMessage({ ...body, MessageAttributeNames: [] }, store);
  return Messages as unknown as ReceivedMessage[];
}

function complete(message: ReceivedMessage, body: Body, queue: SqsQueue) {
  keepNamed(message, asList(body.MessageAttributeNames));
  const names = [...asList(body.AttributeNames), ...asList(body.MessageSystemAttributeNames)];
  if (names.length === 0) return;
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

/** Leaves the message attributes that were asked for, by name, by prefix (`foo.*`), or all. `*` is undocumented. */
function keepNamed(message: ReceivedMessage, names: string[]) {
  const all = names.some((name) => ['All', '.*', '*'].includes(name));
  if (all || !message.MessageAttributes) return;
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  const wanted = (name: string) => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
  const kept = Object.fromEntries(Object.entries(message.MessageAttributes).filter(([name]) => wanted(name)));
  delete message.MessageAttributes;
  delete message.MD5OfMessageAttributes;
  if (Object.keys(kept).length === 0) return;
  Object.assign(message, { MessageAttributes: kept, MD5OfMessageAttributes: md5OfMessageAttributes(kept) });
}

const asList = (names: unknown): string[] => (Array.isArray(names) ? names : []);

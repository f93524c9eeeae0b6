import {
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from '@aws-sdk/client-sqs';
import { cloudWith, queueResource, type World } from '../../localstack/cloud-under-test.ts';

/** A cloud with two standard queues and a FIFO queue that hold dead letters, all of them without a consumer. */
export function deadLetterCloud(): Promise<World> {
  return cloudWith({
    Dead: queueResource('dead'),
    Bystander: queueResource('bystander'),
    DeadFifo: queueResource('dead.fifo', { FifoQueue: true }),
  });
}

type Sending = Omit<SendMessageBatchRequestEntry, 'Id'>;

/** Sends ten to a request, several requests at once. */
export async function sendAll(
  { sqs }: Pick<World, 'sqs'>,
  QueueUrl: string,
  messages: readonly Sending[],
): Promise<void> {
  const send = async (from: number): Promise<void> => {
    const Entries = messages.slice(from, from + 10).map((message, i) => ({ Id: String(i), ...message }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    if (Failed.length > 0) throw new Error(JSON.stringify(Failed));
  };
  for (let i = 0; i < messages.length; i += 80) {
    const starts = Array.from({ length: 8 }, (_, n) => i + n * 10).filter((from) => from < messages.length);
    await Promise.all(starts.map(send));
  }
}

/** Messages that a queue would hand out now, and those in flight. */
export async function depth(
  { sqs }: Pick<World, 'sqs'>,
  QueueUrl: string,
): Promise<[visible: number, inFlight: number]> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return [Number(Attributes.ApproximateNumberOfMessages), Number(Attributes.ApproximateNumberOfMessagesNotVisible)];
}

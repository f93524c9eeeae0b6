import { type MessageAttributeValue, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { concurrently, inGroups } from './concurrently.ts';
import { type DemoMessage, SEQUENCE_ATTRIBUTE } from './mix.ts';

/** SQS batch requests take at most ten entries [API reference]. */
export const ENTRIES_PER_REQUEST = 10;
const REQUESTS_IN_FLIGHT = 8;

export interface Sending {
  readonly body: string;
  readonly attributes: Record<string, MessageAttributeValue>;
}

/** A message to send. It carries its number, so that a dead letter can be told from its duplicate. */
export function toSending({ body, sequence }: DemoMessage): Sending {
  return { body, attributes: { [SEQUENCE_ATTRIBUTE]: { DataType: 'Number', StringValue: String(sequence) } } };
}

/**
 * Sends ten messages to a request, several requests at once.
 *
 * @param onSent receives the count of each request that SQS has accepted
 * @throws Error when SQS refuses a message
 */
export async function sendAll(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly Sending[],
  onSent: (count: number) => void,
): Promise<void> {
  await concurrently(REQUESTS_IN_FLIGHT, inGroups(messages, ENTRIES_PER_REQUEST), async (group) => {
    const Entries = group.map(({ body, attributes }, i) => ({
      Id: String(i),
      MessageBody: body,
      MessageAttributes: attributes,
    }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed[0]) throw new Error(`SQS refused ${Failed.length} of ${group.length} messages: ${Failed[0].Message}`);
    onSent(group.length);
  });
}

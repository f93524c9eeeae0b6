import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { ClientOverrides } from '../../src/aws/clients.ts';
import type { BatchAnswer } from '../../src/aws/sqs-api.ts';

/** A topic of the stage. */
export interface TopicOfStage {
  /** The name without the stage's prefix: `orders`. */
  readonly name: string;
  readonly arn: string;
}

/** A message with its attributes, and a whole batch [SNS quotas]. */
export const MAX_TOPIC_BYTES = 262_144;

/** Publishes up to ten messages, given and answered as SQS does. */
export type Publish = (arn: string, entries: readonly SendMessageBatchRequestEntry[]) => Promise<BatchAnswer>;

/** The client is loaded with the first message, because most commands publish nothing. */
export function publisher(options: ClientOverrides & { readonly profile?: string }): Publish {
  let loaded: ReturnType<typeof load> | undefined;
  const load = async () => {
    const { PublishBatchCommand, SNSClient } = await import('@aws-sdk/client-sns');
    return { client: new SNSClient(options), PublishBatchCommand };
  };
  return async (TopicArn, entries) => {
    loaded ??= load();
    const { client, PublishBatchCommand } = await loaded;
    const PublishBatchRequestEntries = entries.map(({ Id, MessageBody, MessageGroupId }) => ({
      Id,
      Message: MessageBody,
      ...(MessageGroupId !== undefined && { MessageGroupId }),
    }));
    const { Successful, Failed } = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    return { Successful: Successful?.map(({ Id, MessageId }) => ({ Id, MessageId })), Failed };
  };
}

import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueOfStage } from '../stage.ts';

/** How many messages a queue holds. All counts are approximate, as SQS counts them. */
export interface QueueDepth {
  readonly name: string;
  readonly url: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Null where the queue has none. */
  readonly deadLetters: { readonly url: string; readonly waiting: number; readonly inFlight: number } | null;
}

export async function queueDepth(sqs: SQSClient, { name, url, deadLetters }: QueueOfStage): Promise<QueueDepth> {
  const [own, dead] = await Promise.all([countsOf(sqs, url), deadLetters && countsOf(sqs, deadLetters.url)]);
  const below = deadLetters && dead && { url: deadLetters.url, waiting: dead.waiting, inFlight: dead.inFlight };
  return { name, url, ...own, deadLetters: below ?? null };
}

/** Letters that somebody looks at are dead all the same. */
export const deadCount = ({ deadLetters }: QueueDepth): number =>
  deadLetters ? deadLetters.waiting + deadLetters.inFlight : 0;

async function countsOf(sqs: SQSClient, QueueUrl: string) {
  const command = new GetQueueAttributesCommand({
    QueueUrl,
    AttributeNames: [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ],
  });
  const { Attributes = {} } = await sqs.send(command);
  return {
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

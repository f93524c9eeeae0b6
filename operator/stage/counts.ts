import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Messages that a queue holds: to be received, with a consumer, not yet due. Approximate, as SQS counts them. */
export interface Counts {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export async function countsOf(sqs: SQSClient, QueueUrl: string): Promise<Counts> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    }),
  );
  const count = (name: '' | 'NotVisible' | 'Delayed') => Number(Attributes[`ApproximateNumberOfMessages${name}`] ?? 0);
  return { waiting: count(''), inFlight: count('NotVisible'), delayed: count('Delayed') };
}

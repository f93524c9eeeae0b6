import { setTimeout as delay } from 'node:timers/promises';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

const POLL_MS = 200;
/** SQS counts approximately: only several zeros in a row are a zero. */
const ZEROS = 3;

/** Messages that a queue holds: to be received, with a consumer, not yet due. */
export interface Depth {
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export async function depthOf(sqs: SQSClient, queueUrl: string): Promise<Depth> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
  );
  const count = (name: '' | 'NotVisible' | 'Delayed'): number =>
    Number(Attributes[`ApproximateNumberOfMessages${name}`] ?? 0);
  return { waiting: count(''), inFlight: count('NotVisible'), delayed: count('Delayed') };
}

export function total({ waiting, inFlight, delayed }: Depth): number {
  return waiting + inFlight + delayed;
}

/**
 * Waits until a queue is empty, or until `signal` aborts.
 *
 * @param onDepth is told of each look
 * @param unsent  how many messages are still to come; while there are any, an empty queue is not the end
 * @returns what the queue held when last looked at: all zero, unless time was up
 */
export async function drained(
  sqs: SQSClient,
  queueUrl: string,
  signal: AbortSignal,
  { onDepth, unsent }: { onDepth: (depth: Depth) => void; unsent: () => number },
): Promise<Depth> {
  for (let zeros = 0; ; ) {
    const depth = await depthOf(sqs, queueUrl);
    onDepth(depth);
    zeros = total(depth) + unsent() === 0 ? zeros + 1 : 0;
    if (zeros === ZEROS || signal.aborted) return depth;
    await delay(POLL_MS);
  }
}

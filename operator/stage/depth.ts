import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Counts, countsOf } from './counts.ts';
import type { QueueOfStage } from './stage.ts';

/** How many messages a queue holds. All counts are approximate, as SQS counts them. */
export interface QueueDepth extends Counts {
  readonly name: string;
  readonly url: string;
  /** Null where the queue has none. */
  readonly deadLetters: { readonly url: string; readonly waiting: number; readonly inFlight: number } | null;
}

export async function queueDepth(sqs: SQSClient, { name, url, deadLetters }: QueueOfStage): Promise<QueueDepth> {
  const [own, dead] = await Promise.all([countsOf(sqs, url), deadLetters && countsOf(sqs, deadLetters.url)]);
  const below = deadLetters && dead && { url: deadLetters.url, waiting: dead.waiting, inFlight: dead.inFlight };
  return { name, url, ...own, deadLetters: below ?? null };
}

/** Includes letters in flight: somebody looks at them, and they are dead all the same. */
export const deadCount = ({ deadLetters }: QueueDepth): number =>
  deadLetters ? deadLetters.waiting + deadLetters.inFlight : 0;

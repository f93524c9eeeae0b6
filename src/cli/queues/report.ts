import { type EventSourceMappingConfiguration, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { QueueOfStage, Stage } from '../stage.ts';
import { oldestAges } from './oldest-age.ts';

/** How a queue is doing. All counts are approximate, as SQS counts them. */
export interface QueueReport {
  readonly name: string;
  readonly url: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Null where nobody measures it: the embedded cloud, or a queue that was idle for hours. */
  readonly oldestAgeSeconds: number | null;
  /** Null where the queue has none. */
  readonly deadLetters: { readonly url: string; readonly waiting: number; readonly inFlight: number } | null;
  readonly consumers: readonly Consumer[];
}

/** An event source mapping of the queue. */
export interface Consumer {
  readonly functionName: string;
  /** Lambda's own words: Enabled, Disabled, Creating, Enabling, Disabling, Updating, Deleting. */
  readonly state: string;
  readonly batchSize: number | null;
  /** Invocations at once; null where nothing limits them but Lambda. */
  readonly maximumConcurrency: number | null;
}

/**
 * Asks SQS, Lambda and CloudWatch about all queues at once.
 *
 * @param onNoAges told why, where CloudWatch is there and does not answer
 */
export async function reportQueues(
  stage: Stage,
  queues: readonly QueueOfStage[],
  onNoAges: (error: Error) => void,
): Promise<QueueReport[]> {
  const names = queues.map(({ arn }) => arn.split(':').at(-1) ?? '');
  const ages = oldestAges(stage.cloudwatch, names, new Date(), onNoAges);
  return Promise.all(
    queues.map(async ({ name, url, arn, deadLetters }, i) => {
      const [own, dead, consumers] = await Promise.all([
        depth(stage, url),
        deadLetters && depth(stage, deadLetters.url),
        consumersOf(stage, arn),
      ]);
      const oldestAgeSeconds = (await ages).get(names[i] as string) ?? null;
      const below =
        deadLetters && dead ? { url: deadLetters.url, waiting: dead.waiting, inFlight: dead.inFlight } : null;
      return { name, url, ...own, oldestAgeSeconds, deadLetters: below, consumers };
    }),
  );
}

/** What stands in the way of work; empty where all is well. Pure. */
export function problemsOf({ name, deadLetters, consumers }: QueueReport): string[] {
  const problems = [];
  const dead = deadLetters ? deadLetters.waiting + deadLetters.inFlight : 0;
  if (dead > 0)
    problems.push(`${name}: the dead-letter queue is not empty; look with \`npx sluice dlq list --queue ${name}\``);
  for (const { functionName, state } of consumers) {
    if (/^Disab/.test(state)) problems.push(`${name}: its consumer ${functionName} is ${state.toLowerCase()}`);
  }
  return problems;
}

async function depth({ sqs }: Stage, QueueUrl: string) {
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

async function consumersOf({ lambda: client }: Stage, EventSourceArn: string): Promise<Consumer[]> {
  const consumers: Consumer[] = [];
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client }, { EventSourceArn })) {
    consumers.push(...EventSourceMappings.map(asConsumer));
  }
  return consumers;
}

function asConsumer(mapping: EventSourceMappingConfiguration): Consumer {
  return {
    functionName: mapping.FunctionArn?.split(':')[6] ?? '?',
    state: mapping.State ?? '?',
    batchSize: mapping.BatchSize ?? null,
    maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency ?? null,
  };
}

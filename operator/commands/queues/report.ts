import { type EventSourceMappingConfiguration, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import { shellCommand } from '../../output/shell.ts';
import { deadCount, type QueueDepth, queueDepth } from '../../stage/depth.ts';
import type { QueueOfStage, Stage } from '../../stage/stage.ts';
import { oldestAges } from './oldest-age.ts';

/** How a queue is doing. */
export interface QueueReport extends QueueDepth {
  /** Null where nobody measures it: the embedded cloud, or a queue that was idle for hours. */
  readonly oldestAgeSeconds: number | null;
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
    queues.map(async (queue, i) => {
      const [depth, consumers] = await Promise.all([queueDepth(stage.sqs, queue), consumersOf(stage, queue.arn)]);
      const oldestAgeSeconds = (await ages).get(names[i] as string) ?? null;
      return { ...depth, oldestAgeSeconds, consumers };
    }),
  );
}

/** What stands in the way of work; empty where all is well. Pure. */
export function problemsOf(report: QueueReport): string[] {
  const { name, consumers } = report;
  const problems = [];
  if (deadCount(report) > 0) {
    const command = shellCommand(['npx', 'sluice', 'dlq', 'list', '--queue', name]);
    problems.push(`${name}: the dead-letter queue is not empty${command ? `; look with \`${command}\`` : ''}`);
  }
  for (const { functionName, state } of consumers) {
    if (/^Disab/.test(state)) problems.push(`${name}: its consumer ${functionName} is ${state.toLowerCase()}`);
  }
  return problems;
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

import type { SQSEvent } from 'aws-lambda';
import type { Environment } from '../env.ts';
import type { BatchContext } from '../middleware/batch/context.ts';
import { delayedRetryQueue } from '../queues/delayed-retry-queue.ts';
import type { QueueStrategy } from '../queues/queue-strategy.ts';
import { standardQueue } from '../queues/standard-queue.ts';
import { traceAt } from '../telemetry/log.ts';
import type { Settled } from './answer.ts';
import { SYSTEM_CLOCK } from './clock.ts';
import type { ConfiguredJobs } from './configured-jobs.ts';
import { Invocation, type Shared } from './invocation.ts';
import { recordChain } from './record.ts';
import type { KnownType } from './works.ts';

type Given = 'environment' | 'store' | 'sqs' | 'log';

export interface WorkerOptions
  extends Pick<Shared, Given>,
    Partial<Pick<Shared, 'strategy' | 'createSandbox' | 'clock'>> {
  readonly jobs: ConfiguredJobs;
}

/**
 * Processes a batch, and returns for each record whether it may be deleted. Rejects only where nothing at all could be
 * done.
 */
export type Worker = (event: SQSEvent, context: BatchContext) => Promise<Settled[]>;

/** What the environment says of the queue, where the function's code does not say more. */
export function strategyOf({ retryQueue }: Environment): QueueStrategy {
  return retryQueue ? delayedRetryQueue(retryQueue) : standardQueue;
}

/** Builds what lasts for the process. The environment says which kind of queue it is for, unless the options do. */
export function createWorker({ jobs, ...options }: WorkerOptions): Worker {
  const { environment, log } = options;
  const { logLevel, maxReceiveCount } = environment;
  const { strategy = strategyOf(environment) } = options;
  const { lastRun: lastRunOf = Math.min } = strategy;
  const types = new Map<string, KnownType>();
  for (const [name, job] of jobs) {
    const lastRun = lastRunOf(job.type.retry.attempts, maxReceiveCount);
    types.set(name, { type: job.type, chain: recordChain(job), lastRun });
  }
  const level = strategy.keepsOrder && logLevel === 'INFO' ? 'info' : logLevel === 'DEBUG' ? 'debug' : undefined;
  const shared: Shared = {
    clock: SYSTEM_CLOCK,
    createSandbox: undefined,
    ...options,
    strategy,
    types,
    defaultType: environment.defaultType,
    trace: traceAt(level, log),
  };
  return (event, context) => new Invocation(shared, event, context).run();
}

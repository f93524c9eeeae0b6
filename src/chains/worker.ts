import type { SQSEvent } from 'aws-lambda';
import type { BatchContext } from '../middleware/batch/context.ts';
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

/** Builds what lasts for the process. The worker is one for a standard queue, unless the options say otherwise. */
export function createWorker({ jobs, ...options }: WorkerOptions): Worker {
  const { environment, log } = options;
  const types = new Map<string, KnownType>();
  for (const [name, job] of jobs) {
    const lastRun = Math.min(job.type.retry.attempts, environment.maxReceiveCount);
    types.set(name, { type: job.type, chain: recordChain(job), lastRun });
  }
  const { strategy = standardQueue } = options;
  const { logLevel } = environment;
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
  return (event, context) => new Invocation(shared, context).run(event);
}

import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { SQSEvent } from 'aws-lambda';
import { payloads } from '#payloads';
import { storeOfEnvironment } from '#store';
import { type Clients, createClients } from '../aws/clients.ts';
import { type EnvironmentReader, processEnvironment, readEnvironment } from '../env.ts';
import { batchLog } from '../middleware/batch/batch-log.ts';
import { batchMetrics } from '../middleware/batch/batch-metrics.ts';
import type { BatchContext } from '../middleware/batch/context.ts';
import { openReport } from '../middleware/batch/open-report.ts';
import { sqsEvent } from '../middleware/batch/sqs-event.ts';
import type { QueueStrategy } from '../queues/queue-strategy.ts';
import { ProcessSandbox } from '../sandbox/process-sandbox.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { serveSandbox } from '../sandbox/serve.ts';
import { createLogger } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { type ConfiguredJobs, configureJobs, type JobTypes } from './configured-jobs.ts';
import { createWorker, strategyOf } from './worker.ts';

// biome-ignore lint/suspicious/noExplicitAny: published middlewares are typed for events and contexts of their own
type BatchMiddleware = middy.MiddlewareObj<any, any, any, any, any>;

export interface HandlerOptions {
  /** The job types that the function runs. Its bundle contains no others. */
  readonly jobs: JobTypes;
  /**
   * Middlewares of your own around the whole batch, outermost first. Their event is Lambda's, their context a
   * `BatchContext`.
   */
  readonly middlewares?: readonly BatchMiddleware[];
  /** How the queue treats its messages. A FIFO queue needs `fifoQueue` of src/queues/fifo-queue.ts. */
  readonly strategy?: QueueStrategy;
  /** For tests and simulation. The default is the environment of the process. */
  readonly variables?: EnvironmentReader;
  readonly clients?: Clients;
  readonly clock?: Clock;
  /** Makes the sandbox of one invocation. The default is a child process that runs the function's own bundle. */
  readonly createSandbox?: (() => Sandbox) | undefined;
}

/** A Lambda handler of SQS batches: an `SQSEvent` goes in, an `SQSBatchResponse` comes out. */
// biome-ignore lint/suspicious/noExplicitAny: inside the chain, the response is one element for each record
export type BatchHandler = middy.MiddyfiedHandler<SQSEvent, any, Error, BatchContext>;

/**
 * Makes the handler of a function that consumes a queue: `export const handler = createHandler({ jobs })`. Everything
 * that is read and made here lives as long as the process. Each invocation makes its own parts.
 *
 * @throws Error with every problem of the environment in one line
 */
export function createHandler(options: HandlerOptions): BatchHandler {
  const { variables = processEnvironment(), middlewares = [], clock = SYSTEM_CLOCK } = options;
  const environment = (payloads ? payloads.readEnvironment : readEnvironment)(variables);
  const jobs = configureJobs(options.jobs, variables);
  const storeOf = storeOfEnvironment(variables);
  checkDefaultType(environment.defaultType, jobs, variables);
  const { strategy = strategyOf(environment) } = options;
  checkStrategy(strategy, environment.queueUrl, variables);
  variables.check();
  serveSandbox(jobs);

  const log = createLogger({ level: environment.logLevel, stage: environment.stage });
  const metrics = createMetrics(environment.stage);
  const { clients = createClients(), createSandbox = ownSandbox } = options;
  const store = storeOf(clients, environment);
  const worker = createWorker({ environment, store, sqs: clients.sqs, jobs, strategy, log, createSandbox, clock });

  const chain: BatchHandler = middy({ timeoutEarlyInMillis: 0 });
  return chain
    .use([
      ...middlewares,
      sqsPartialBatchFailure({ logger: () => {} }),
      sqsEvent(),
      openReport(),
      batchLog(log),
      batchMetrics(metrics),
    ])
    .handler(worker);
}

/** After bundling, this file is the function's whole bundle. So the child process also calls `serveSandbox`. */
const ownSandbox = (): Sandbox => new ProcessSandbox({ file: import.meta.filename });

function checkDefaultType(name: string | undefined, jobs: ConfiguredJobs, variables: EnvironmentReader): void {
  if (name === undefined || jobs.has(name)) return;
  variables.problem(
    `DEFAULT_TYPE is "${name}", which this function does not run: it runs ${[...jobs.keys()].join(', ')}`,
  );
}

/** With the other strategy, messages would lose their order, or their retries. SQS has the ending on every FIFO queue's name. */
function checkStrategy({ keepsOrder }: QueueStrategy, queueUrl: string, variables: EnvironmentReader): void {
  const isFifo = queueUrl.endsWith('.fifo');
  if (queueUrl === '' || isFifo === keepsOrder) return;
  variables.problem(
    isFifo
      ? 'QUEUE_URL is a FIFO queue: give createHandler { strategy: fifoQueue }'
      : 'createHandler was given a strategy for FIFO queues, and QUEUE_URL is none: leave it out, or declare the queue with fifo: true',
  );
}

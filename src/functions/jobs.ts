import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { jobs } from '#jobs';
import { createClients } from '../aws/clients.ts';
import { createWorker } from '../chains/batch.ts';
import { processEnvironment, readEnvironment } from '../env.ts';
import { invocationReport } from '../middleware/batch/invocation-report.ts';
import { sqsEvent } from '../middleware/batch/sqs-event.ts';
import { ProcessSandbox } from '../sandbox/process-sandbox.ts';
import { serveSandbox } from '../sandbox/serve.ts';
import { createLogger } from '../telemetry/log.ts';
import { BatchMetrics } from '../telemetry/metrics.ts';

const variables = processEnvironment();
const environment = readEnvironment(variables);
const configured = new Map([...jobs].map(([name, type]) => [name, { type, settings: type.settings(variables) }]));
variables.check();

const log = createLogger({ level: environment.logLevel, stage: environment.stage });
const metrics = new BatchMetrics({
  namespace: 'Sluice',
  serviceName: 'sluice',
  defaultDimensions: { stage: environment.stage },
});
const worker = createWorker({
  environment,
  clients: createClients(),
  jobs: configured,
  log,
  createSandbox: () => new ProcessSandbox({ file: import.meta.filename }),
});
serveSandbox(configured);

/** Runs the jobs of one SQS batch. */
export const handler = middy<SQSEvent, SQSBatchResponse>({ timeoutEarlyInMillis: 0 })
  .use(sqsPartialBatchFailure({ logger: () => {} }) as middy.MiddlewareObj)
  .use(sqsEvent())
  .use(invocationReport(log, metrics) as middy.MiddlewareObj)
  // Middy knows no context but Lambda's; invocationReport adds the report.
  .handler(worker as never);

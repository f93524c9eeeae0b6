import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { DynamoDBClient, ScanCommand, type ScanOutput } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud } from '../../localstack/cloud.ts';
import { mistakes } from '../process/correctness.ts';
import { freshJobs, type Job } from '../process/event.ts';

const ROOT = join(import.meta.dirname, '../..');
const packageOf = (batch: number | string) => join(ROOT, '.sluice', `bench-${batch}`);
const FUNCTION = 'sluice-bench-jobs';
const TABLE = 'job-results-outbox-v1-bench';
const REQUESTS_IN_FLIGHT = 4;
/** The mapping's maximum concurrency. */
export const AT_ONCE = 2;

/** One run of the packaged service. */
export interface Run {
  readonly jobs: number;
  /** Until SQS has accepted the last message. Nothing polls meanwhile. */
  readonly sendingMs: number;
  /** From the start of the mapping's polling until the last result is stored. */
  readonly storingMs: number;
  /** Time inside the function, over all invocations, and the number of those. */
  readonly functionMs: number;
  readonly invocations: number;
  /**
   * CPU of this process in each part. While sending it is the producer and the queue; while storing it is the queue,
   * the mapping and the table.
   */
  readonly sendingCpuMs: number;
  readonly storingCpuMs: number;
}

/** Packages the service with this batch size. `oneRun` needs the package. */
export function packageFor(batch: number): void {
  const binaries = join(ROOT, 'node_modules/.bin');
  const parameters = [`batchSize=${batch}`, 'batchWindow=1', `maximumConcurrency=${AT_ONCE}`];
  execFileSync(
    join(binaries, 'serverless'),
    [
      'package',
      '--stage',
      'bench',
      '--package',
      packageOf(batch),
      ...parameters.flatMap((value) => ['--param', value]),
    ],
    {
      cwd: ROOT,
      stdio: 'pipe',
      env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}`, NODE_OPTIONS: '' },
    },
  );
}

/**
 * Sends `count` jobs while nothing polls, then starts the mapping.
 * @param prefix start of every job id
 * @throws Error where a result is missing, wrong or of a job that was not sent
 */
export async function oneRun(count: number, batch: string, prefix: string): Promise<Run> {
  const progress = { stored: 0, functionMs: 0, invocations: 0 };
  const all = Promise.withResolvers<void>();
  const onLog = (line: string, name: string) => {
    if (name !== FUNCTION || !line.includes('"batch_processed"')) return;
    const { details } = JSON.parse(line);
    progress.stored += details.verdicts.done;
    progress.functionMs += details.ms;
    progress.invocations += 1;
    if (progress.stored >= count) all.resolve();
  };
  const template = join(packageOf(batch), 'cloudformation-template-update-stack.json');
  const cloud = await startCloud({ template, port: 0, onLog });
  try {
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
    const options = { endpoint: cloud.endpoint, region: 'us-east-1', credentials };
    const sqs = new SQSClient(options);
    const url = `${cloud.endpoint}/000000000000/${FUNCTION}`;
    // The first messages start the function's processes. Only later ones are measured.
    const warmUp = freshJobs(`${prefix}-warm`, 200);
    await sendAll(sqs, url, warmUp);
    await until(() => progress.stored >= warmUp.length);
    await Promise.all(cloud.mappings.map((mapping) => mapping.stop()));
    Object.assign(progress, { stored: 0, functionMs: 0, invocations: 0 });
    const sending = await timed(() => sendAll(sqs, url, freshJobs(prefix, count)));
    const storing = await timed(async () => {
      for (const mapping of cloud.mappings) mapping.start();
      await all.promise;
    });
    const { functionMs, invocations } = progress;
    await checkResults(new DynamoDBClient(options), [...warmUp, ...freshJobs(prefix, count)]);
    return {
      jobs: count,
      sendingMs: sending.wallMs,
      storingMs: storing.wallMs,
      functionMs,
      invocations,
      sendingCpuMs: sending.cpuMs,
      storingCpuMs: storing.cpuMs,
    };
  } finally {
    await cloud.close();
  }
}

async function timed(work: () => Promise<void>): Promise<{ wallMs: number; cpuMs: number }> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - started, cpuMs: (user + system) / 1_000 };
}

async function sendAll(sqs: SQSClient, QueueUrl: string, jobs: readonly Job[]): Promise<void> {
  let next = 0;
  const producer = async () => {
    while (next < jobs.length) {
      const Entries = jobs
        .slice(next, next + 10)
        .map((job, i) => ({ Id: String(i), MessageBody: JSON.stringify(job) }));
      next += 10;
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed[0]) throw new Error(`SQS refused a message: ${Failed[0].Message}`);
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_IN_FLIGHT }, producer));
}

/** @throws Error where a job has no result, or something else is stored. The speed is then worthless */
async function checkResults(dynamodb: DynamoDBClient, jobs: readonly Job[]): Promise<void> {
  const results = new Map<string, number>();
  let ExclusiveStartKey: ScanOutput['LastEvaluatedKey'];
  do {
    const page: ScanOutput = await dynamodb.send(new ScanCommand({ TableName: TABLE, ExclusiveStartKey }));
    for (const { JobID, Result } of page.Items ?? []) results.set(JobID?.S ?? '', Number(Result?.N));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  const { lost, strangers } = mistakes(jobs, new Set(), { results, doubles: 0 });
  if (lost + strangers > 0) {
    throw new Error(`of ${jobs.length} results ${lost} are missing or wrong, and ${strangers} are of jobs nobody sent`);
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  if (!holds()) throw new Error('the embedded cloud stored nothing for 30 s');
}

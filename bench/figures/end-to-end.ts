import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { DynamoDBClient, ScanCommand, type ScanOutput } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud } from '../../localstack/cloud.ts';
import { mistakes } from '../process/correctness.ts';
import { freshJobs, type Job } from '../process/event.ts';
import { type Outcomes, runsNote, takeTurns } from '../rounds.ts';
import { spreadOf, withSpread } from '../statistics.ts';
import { cellOf, type Figure, type Finding } from './figure.ts';

const ROOT = join(import.meta.dirname, '../..');
const packageOf = (batch: number | string) => join(ROOT, '.sluice', `bench-${batch}`);
const FUNCTION = 'sluice-bench-jobs';
const TABLE = 'job-results-outbox-v1-bench';
const BATCHES = [10, 100, 1_000] as const;
const REQUESTS_IN_FLIGHT = 4;
/** The mapping's maximum concurrency. */
const AT_ONCE = 2;

interface Run {
  readonly jobs: number;
  /** Until SQS had taken the last message, while nothing polled. */
  readonly sendingMs: number;
  /** From the moment the mapping began to poll to the last result stored. */
  readonly storingMs: number;
  /** Time inside the function, over all invocations, and how many those were. */
  readonly functionMs: number;
  readonly invocations: number;
  /** CPU of this process for each part: the producer and the queue; the queue, the mapping and the table. */
  readonly sendingCpuMs: number;
  readonly storingCpuMs: number;
}

const ROWS: readonly (readonly [string, (run: Run) => number])[] = [
  ['messages/s from send to stored result', (run) => (1_000 * run.jobs) / (run.sendingMs + run.storingMs)],
  ['messages/s from queue to stored result', (run) => (1_000 * run.jobs) / run.storingMs],
  ['messages/s sent', (run) => (1_000 * run.jobs) / run.sendingMs],
  ['sending, share of the time', (run) => run.sendingMs / (run.sendingMs + run.storingMs)],
  ['queue to result, share of the time', (run) => run.storingMs / (run.sendingMs + run.storingMs)],
  ['of the latter inside the function, share', (run) => run.functionMs / (AT_ONCE * run.storingMs)],
  ['invocations', (run) => run.invocations],
  ['function, ms a job', (run) => run.functionMs / run.jobs],
  ['producer and queue while sending, CPU ms a job', (run) => run.sendingCpuMs / run.jobs],
  ['queue, mapping and table while storing, CPU ms a job', (run) => run.storingCpuMs / run.jobs],
];

/** From send to stored result through the packaged service on the embedded cloud, by batch size. */
export const endToEnd: Figure = async function* (settings) {
  for (const batch of BATCHES) packageFor(batch);
  const rounds = takeTurns(BATCHES.map(String), settings, (batch, round) =>
    oneRun(settings.jobs, batch, `e${batch}-${round}`),
  );
  for await (const outcomes of rounds) yield report(outcomes, settings.jobs);
};

function report(outcomes: Outcomes<Run>, jobs: number): Finding {
  const names = [...outcomes.keys()];
  const cell = (name: string, value: (run: Run) => number) =>
    cellOf(outcomes, name, (runs) => withSpread(spreadOf(runs.map(value))));
  return {
    title: `End to end on the embedded cloud: ${jobs.toLocaleString('en-US')} jobs from send to stored result`,
    tables: [
      {
        head: ['', ...names.map((batch) => `batch size ${batch}`)],
        rows: ROWS.map(([label, value]) => [label, ...names.map((name) => cell(name, value))]),
      },
    ],
    notes: [
      runsNote(outcomes),
      'All messages are in the queue before the mapping begins to poll, so that the second part is the service alone. The',
      'queue, the mapping and the table are emulated in this one process, on the same CPUs as the function: the figure',
      `says what the laptop cloud does, not what AWS does. The mapping has a window of 1 s, ${AT_ONCE} at once.`,
    ],
    targets: [],
    raw: Object.fromEntries(outcomes),
  };
}

function packageFor(batch: number): void {
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

async function oneRun(count: number, batch: string, prefix: string): Promise<Run> {
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
    // The first messages start the function's processes; what follows is measured.
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

/** @throws Error where not every job has its result, or something else is stored: then its speed counts for nothing */
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

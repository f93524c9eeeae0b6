import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { DynamoDBClient, ScanCommand, type ScanOutput } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud } from '../../localstack/cloud.ts';
import { freshJobs, type Job } from '../process/event.ts';
import { spreadOf, withSpread } from '../statistics.ts';
import type { Figure } from './figure.ts';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGE = join(ROOT, '.sluice/bench');
const FUNCTION = 'sluice-bench-jobs';
const TABLE = 'job-results-outbox-v1-bench';
const BATCHES = [10, 100, 1_000] as const;
const REQUESTS_IN_FLIGHT = 4;

interface Run {
  readonly jobs: number;
  /** From the first message sent to the last result stored. */
  readonly wallMs: number;
  /** Of it: until SQS had taken the last message. */
  readonly sendingMs: number;
  /** Time inside the function, over all invocations, and how many those were. */
  readonly functionMs: number;
  readonly invocations: number;
  /** CPU of this process: the producer, the queue, the mapping and the table. */
  readonly cloudCpuMs: number;
}

/** From send to stored result through the packaged service on the embedded cloud, by batch size. */
export const endToEnd: Figure = async ({ repeats, jobs, say }) => {
  const runs = new Map<number, Run[]>();
  for (const batch of BATCHES) {
    packageFor(batch);
    const each: Run[] = [];
    for (let run = 1; run <= Math.min(3, repeats); run++) each.push(await oneRun(jobs, `e${batch}-${run}`));
    runs.set(batch, each);
    say(`end to end, batches of ${batch}`);
  }
  const cell = (batch: number, value: (run: Run) => number) => withSpread(spreadOf((runs.get(batch) ?? []).map(value)));
  return {
    title: `End to end on the embedded cloud: ${jobs.toLocaleString('en-US')} jobs from send to stored result`,
    tables: [
      {
        head: ['', ...BATCHES.map((batch) => `batch size ${batch}`)],
        rows: [
          ['messages/s', ...BATCHES.map((batch) => cell(batch, (run) => (run.jobs / run.wallMs) * 1_000))],
          ['invocations', ...BATCHES.map((batch) => cell(batch, (run) => run.invocations))],
          ['sending, share of the time', ...BATCHES.map((batch) => cell(batch, (run) => run.sendingMs / run.wallMs))],
          ['function, ms a job', ...BATCHES.map((batch) => cell(batch, (run) => run.functionMs / run.jobs))],
          [
            'cloud and producer, CPU ms a job',
            ...BATCHES.map((batch) => cell(batch, (run) => run.cloudCpuMs / run.jobs)),
          ],
        ],
      },
    ],
    notes: [
      'The queue, the mapping and the table are emulated in this one process, on the same CPUs as the function: the',
      'figure says what the laptop cloud does, not what AWS does. The mapping has a window of 1 s, two at once.',
    ],
    targets: [],
    raw: Object.fromEntries(runs),
  };
};

function packageFor(batch: number): void {
  const binaries = join(ROOT, 'node_modules/.bin');
  const parameters = [`batchSize=${batch}`, 'batchWindow=1', 'maximumConcurrency=2'];
  execFileSync(
    join(binaries, 'serverless'),
    ['package', '--stage', 'bench', '--package', PACKAGE, ...parameters.flatMap((value) => ['--param', value])],
    {
      cwd: ROOT,
      stdio: 'pipe',
      env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}`, NODE_OPTIONS: '' },
    },
  );
}

async function oneRun(count: number, prefix: string): Promise<Run> {
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
  const template = join(PACKAGE, 'cloudformation-template-update-stack.json');
  const cloud = await startCloud({ template, port: 0, onLog });
  try {
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
    const options = { endpoint: cloud.endpoint, region: 'us-east-1', credentials };
    const sqs = new SQSClient(options);
    const url = `${cloud.endpoint}/000000000000/${FUNCTION}`;
    // The first messages start the function's processes; what follows is measured.
    await sendAll(sqs, url, freshJobs(`${prefix}-warm`, 200));
    await until(() => progress.stored >= 200);
    Object.assign(progress, { stored: 0, functionMs: 0, invocations: 0 });
    const cpu = process.cpuUsage();
    const started = performance.now();
    await sendAll(sqs, url, freshJobs(prefix, count));
    const sendingMs = performance.now() - started;
    await all.promise;
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    const { functionMs, invocations } = progress;
    await checkResults(new DynamoDBClient(options), freshJobs(prefix, count));
    return { jobs: count, wallMs, sendingMs, functionMs, invocations, cloudCpuMs: (user + system) / 1_000 };
  } finally {
    await cloud.close();
  }
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

/** @throws Error where a job's result is missing or wrong: then its speed counts for nothing */
async function checkResults(dynamodb: DynamoDBClient, jobs: readonly Job[]): Promise<void> {
  const results = new Map<string, number>();
  let ExclusiveStartKey: ScanOutput['LastEvaluatedKey'];
  do {
    const page: ScanOutput = await dynamodb.send(new ScanCommand({ TableName: TABLE, ExclusiveStartKey }));
    for (const { JobID, Result } of page.Items ?? []) results.set(JobID?.S ?? '', Number(Result?.N));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  const wrong = jobs.filter(({ job_id, value }) => results.get(job_id) !== value * 3);
  if (wrong[0])
    throw new Error(`${wrong.length} of ${jobs.length} results are missing or wrong, as of ${wrong[0].job_id}`);
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  if (!holds()) throw new Error('the embedded cloud stored nothing for 30 s');
}

import { setTimeout as delay } from 'node:timers/promises';
import { InvokeStore } from '@aws/lambda-invoke-store';
import { jest } from '@jest/globals';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { createHandler } from '../../src/chains/batch.ts';
import { EnvironmentReader } from '../../src/env.ts';
import { defineJob, type JobContext } from '../../src/job.ts';
import { lambdaContext } from '../job-context.ts';
import { startWorld, type World } from '../world.ts';

const INVOCATIONS = 64;
const [POISON_EVERY, HANGS_EVERY] = [5, 8];
/** What an invocation has in which a job hangs. */
const HUNG_MS = 15_000;

interface Job {
  readonly job_id: string;
  readonly invocation: number;
  readonly hangs?: boolean;
}

let world: World;
let lines: Record<string, unknown>[];

beforeEach(async () => {
  world = await startWorld();
  lines = [];
  // As the runtime of Lambda Managed Instances has it: an environment variable, and a store for what belongs to one invocation.
  process.env.AWS_LAMBDA_MAX_CONCURRENCY = String(INVOCATIONS);
  Object.assign(globalThis, { awslambda: { InvokeStore: await InvokeStore.getInstanceAsync(true) } });
  const keep = (text: unknown) => {
    for (const line of String(text).split('\n')) if (line.startsWith('{')) lines.push(JSON.parse(line));
    return true;
  };
  for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockImplementation(keep);
});

afterEach(async () => {
  jest.restoreAllMocks();
  delete process.env.AWS_LAMBDA_MAX_CONCURRENCY;
  Reflect.deleteProperty(globalThis, 'awslambda');
  await world.close();
});

/** Says which invocation it ran in; hangs where it is told to, and ignores its signal. */
const job = defineJob<Job>({
  schema: Object.assign((each: Partial<Job>) => typeof each.invocation === 'number', { errors: [] }) as never,
  key: ({ job_id }) => job_id,
  retry: { baseMs: 1, capMs: 1, attempts: 1 },
  async handle({ hangs, invocation }: Job, { awsRequestId, getRemainingTimeInMillis }: JobContext<undefined>) {
    if (hangs) await delay(60_000, undefined, { ref: false });
    await delay(Math.random() * 5);
    return { invocation, awsRequestId, remainingMs: getRemainingTimeInMillis() };
  },
});

function handlerOf({ environment, clients }: World) {
  const variables = new EnvironmentReader({
    STAGE: 'test',
    TABLE_NAME: environment.tableName,
    QUEUE_URL: environment.queueUrl,
    DLQ_URL: environment.deadLetterQueueUrl,
    DEFAULT_TYPE: 'job',
  });
  return createHandler({ jobs: { job }, variables, clients, createSandbox: undefined });
}

/** The batch of invocation n holds n + 1 records, so that its size names it. */
function bodiesOf(n: number): object[] {
  return Array.from({ length: n + 1 }, (_, i) => {
    const job_id = `${n}-${i}`;
    if (i % POISON_EVERY === 4) return { job_id, invocation: 'poison' };
    return { job_id, invocation: n, ...(i === 0 && n % HANGS_EVERY === 0 && { hangs: true }) };
  });
}

test('invocations that overlap in one process have their own ids, deadlines, counts, metrics and log lines', async () => {
  for (let n = 0; n < INVOCATIONS; n++) await world.send(bodiesOf(n));
  const received = await world.receive();
  const batches: SQSRecord[][] = Array.from({ length: INVOCATIONS }, () => []);
  for (const record of received) batches[Number(JSON.parse(record.body).job_id.split('-')[0])]?.push(record);
  const handler = handlerOf(world);
  const store = await InvokeStore.getInstanceAsync(true);

  const took: number[] = [];
  const invoke = async (Records: SQSRecord[], n: number): Promise<SQSBatchResponse> => {
    const awsRequestId = `request-${n}`;
    const began = performance.now();
    // Those in which a job hangs have little time.
    const context = { ...lambdaContext(n % HANGS_EVERY === 0 ? HUNG_MS : 60_000), awsRequestId };
    return await store.run({}, async () => {
      const answer = await handler({ Records }, context as never);
      took[n] = performance.now() - began;
      return answer;
    });
  };
  const answers = await Promise.all(batches.map(invoke));

  const items = await world.items();
  const deadOf: number[] = [];
  for (const [n, records] of batches.entries()) {
    const poison = records.filter(({ body }) => body.includes('poison'));
    const hung = records.filter(({ body }) => body.includes('"hangs":true'));
    const mine = lines.filter(({ request_id }) => request_id === `request-${n}`);

    const hungIds = hung.map(({ messageId }) => messageId);
    const failed = answers[n]?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) ?? [];
    expect(hungIds).toEqual(expect.arrayContaining(failed));
    expect(mine.filter(({ action }) => action === 'batch_processed')).toMatchObject([
      { details: { records: n + 1, acknowledged: n + 1 - failed.length } },
    ]);
    // What hung is dead, or comes back where the machine is too busy to say so in time.
    const dead = mine
      .filter(({ action }) => action === 'job_dead_lettered')
      .map(({ details }) => (details as { messageId: string }).messageId);
    expect(dead.filter((id) => !hungIds.includes(id)).toSorted()).toEqual(
      poison.map(({ messageId }) => messageId).toSorted(),
    );
    deadOf[n] = dead.length;
    for (const { body } of records.filter((record) => !poison.includes(record) && !hung.includes(record))) {
      const { job_id } = JSON.parse(body);
      expect(items.get(job_id)?.Result).toMatchObject({ invocation: n, awsRequestId: `request-${n}` });
    }
    if (hung.length > 0) expect(took[n]).toBeLessThan(HUNG_MS);
  }
  const documents = lines.filter((line) => '_aws' in line) as {
    MessagesReceived: number;
    MessagesDeadLettered: number;
  }[];
  expect(documents.map(({ MessagesReceived }) => MessagesReceived).toSorted((a, b) => a - b)).toEqual(
    batches.map((records) => records.length),
  );
  for (const { MessagesReceived: size, MessagesDeadLettered } of documents) {
    expect(MessagesDeadLettered).toBe(deadOf[size - 1]);
  }
  // Every line belongs to one of them.
  expect(lines.filter((line) => !('_aws' in line) && !/^request-\d+$/.test(String(line.request_id)))).toEqual([]);
}, 120_000);

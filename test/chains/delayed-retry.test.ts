import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import validate, { type Triple } from '#schemas/triple';
import { toRecord } from '../../localstack/mapping/record.ts';
import { TransientError } from '../../src/failures/errors.ts';
import { defineJob } from '../../src/job.ts';
import { endpointsOfProject, LOCATION } from '../backend.ts';
import { startWorld, type World } from '../world.ts';

/** Seconds; SQS counts whole ones. */
const DELAY = 2;

let world: World;
let sqs: SQSClient;
let name: string;
let url: string;

beforeEach(async () => {
  world = await startWorld();
  const endpoint = endpointsOfProject()?.sqs ?? new URL(world.environment.queueUrl).origin;
  sqs = new SQSClient({ ...LOCATION, endpoint });
  name = `retry-${randomUUID()}`;
  const Attributes = { DelaySeconds: String(DELAY), VisibilityTimeout: '30' };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  url = QueueUrl as string;
});

afterEach(async () => {
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  sqs.destroy();
  await world.close();
});

/** What the retry queue hands out now, as Lambda would. */
async function delayed(): Promise<SQSRecord[]> {
  const all = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 0, ...all }));
  const mapping = { queueArn: `arn:aws:sqs:us-east-1:000000000000:${name}`, region: 'us-east-1' };
  return Messages.map((message) => JSON.parse(toRecord(message, mapping, Date.now()).json) as SQSRecord);
}

async function until(receive: () => Promise<SQSRecord[]>): Promise<SQSRecord[]> {
  for (;;) {
    const records = await receive();
    if (records.length > 0) return records;
    await delay(100);
  }
}

test('three failed runs move a job to the retry queue, three more there to the DLQ, by what SQS itself delays and hides', async () => {
  const runs: { attempt: number; at: number }[] = [];
  const down = defineJob<Triple>({
    schema: validate,
    key: ({ job_id }) => job_id,
    // Comes back at once.
    retry: { baseMs: 0, capMs: 0, attempts: 5 },
    handle(_job, { attempt }) {
      runs.push({ attempt, at: performance.now() });
      throw new TransientError('down');
    },
  });
  const worker = world.worker(
    { triple: down },
    { environment: { retryQueue: { url, after: 3, attempts: 3, delay: DELAY } } },
  );
  await world.send([{ job_id: 'a', value: 1 }], {});
  for (const _ of [1, 2]) expect((await worker(await until(() => world.receive()))).failed).toHaveLength(1);
  const third = await until(() => world.receive());
  const { failed, report } = await worker(third);
  expect({ failed, delayed: report.delayed }).toEqual({ failed: [], delayed: 1 });

  for (const _ of [4, 5]) expect((await worker(await until(delayed))).failed).toHaveLength(1);
  expect((await worker(await until(delayed))).failed).toEqual([]);
  expect(runs.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const i of [3, 4, 5]) {
    // A server's clock may be part of a second ahead.
    expect((runs[i]?.at ?? 0) - (runs[i - 1]?.at ?? 0)).toBeGreaterThan(DELAY * 1000 - 900);
  }
  const [letter, ...others] = await world.deadLetters();
  expect(others).toEqual([]);
  expect(JSON.parse(letter?.MessageAttributes?.DeadLetterReason?.StringValue ?? '')).toMatchObject({ attempts: 6 });
});

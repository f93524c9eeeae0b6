import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { readDeadLetters } from '../../demo/dead-letters.ts';
import { seededRandom } from '../../demo/random.ts';
import { readTable } from '../../demo/table.ts';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { countsOf } from '../../operator/stage/counts.ts';
import { drained } from '../drained.ts';
import { runSluice } from '../operator/stage-under-test.ts';

const TEMPLATE = '.sluice/test/cloudformation-template-update-stack.json';
const NAME = 'sluice-test-deliveries';
const TABLE = 'job-results-outbox-v1-test';
/** `retryDelay` of the stage `test`, in milliseconds. */
const DELAY_MS = 3_000;
const COMPLETELY_DOWN = 1_000;

/** Answers a job's first requests with 503, as many as its path says; `/refused` is answered 400. */
class FlakyReceiver {
  /** When each job was delivered, by its id; milliseconds. */
  readonly requests = new Map<string, number[]>();
  isMended = false;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const key = String(request.headers['idempotency-key']);
      const times = this.requests.get(key) ?? [];
      this.requests.set(key, [...times, performance.now()]);
      for await (const _ of request);
      const [, path] = (request.url ?? '').split('/');
      const fails = !this.isMended && times.length < Number(path);
      response.writeHead(path === 'refused' ? 400 : fails ? 503 : 200).end();
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  job(id: string, path: string | number): object {
    const { port } = this.#server.address() as AddressInfo;
    return { job_id: id, url: `http://127.0.0.1:${port}/${path}`, payload: { id } };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let cloud: Cloud;
let receiver: FlakyReceiver;
let sqs: SQSClient;
let dynamodb: DynamoDBClient;
const url = (suffix = '') => `${cloud.endpoint}/000000000000/${NAME}${suffix}`;

beforeEach(async () => {
  receiver = new FlakyReceiver();
  await receiver.listen();
  const environment = { [NAME]: { WEBHOOK_ALLOWED_HOSTS: 'http://127.0.0.1:*', WEBHOOK_PRIVATE_ADDRESSES: 'allow' } };
  cloud = await startCloud({ template: TEMPLATE, port: 0, environment, onLog: () => undefined });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const options = { endpoint: cloud.endpoint, region: 'us-east-1', credentials };
  sqs = new SQSClient(options);
  dynamodb = new DynamoDBClient(options);
});

afterEach(async () => {
  sqs.destroy();
  dynamodb.destroy();
  receiver.close();
  await cloud.close();
});

async function send(jobs: readonly object[]): Promise<void> {
  for (let i = 0; i < jobs.length; i += 10) {
    const Entries = jobs.slice(i, i + 10).map((job, n) => ({ Id: String(n), MessageBody: JSON.stringify(job) }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: url(), Entries }));
  }
}

/** Messages on the main queue and the retry queue. */
async function under(): Promise<number> {
  const counts = await Promise.all([countsOf(sqs, url()), countsOf(sqs, url('-retry'))]);
  return counts.reduce((sum, { waiting, inFlight, delayed }) => sum + waiting + inFlight + delayed, 0);
}

/** The attempts of each dead letter, by job. */
async function letters(): Promise<Map<string, number[]>> {
  const found = await readDeadLetters(sqs, url('-dlq'));
  await found.holding.release();
  const reasons = found.letters.map(({ reason }) => reason as { jobId: string; attempts: number });
  return new Map(
    [...Map.groupBy(reasons, ({ jobId }) => jobId)].map(([id, all]) => [id, all.map((each) => each.attempts)]),
  );
}

const done = async () =>
  new Set((await readTable(dynamodb, TABLE)).flatMap(({ jobId, status }) => (status === 'done' ? [jobId] : [])));

const operator = (...args: string[]) =>
  runSluice(args, {
    env: {
      AWS_ENDPOINT_URL: cloud.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      SLUICE_STAGE: 'test',
    },
  });

test('deliveries are tried three times fast and three times late, then are dead and can be redriven; others pass meanwhile', async () => {
  const fine = Array.from({ length: 20 }, (_, i) => receiver.job(`fine-${i}`, 0));
  const flaky = [1, 2, 3, 4, 5].map((fails) => receiver.job(`fails-${fails}`, fails));
  const down = [1, 2, 3].map((i) => receiver.job(`down-${i}`, COMPLETELY_DOWN));
  await send([...down, ...flaky, receiver.job('refused', 'refused'), ...fine]);
  await drained(under);

  const tries = Object.fromEntries([...receiver.requests].map(([id, times]) => [id, times.length]));
  const expected: Record<string, number> = { refused: 1, 'down-1': 6, 'down-2': 6, 'down-3': 6 };
  for (const fails of [1, 2, 3, 4, 5]) expected[`fails-${fails}`] = fails + 1;
  for (const [i] of fine.entries()) expected[`fine-${i}`] = 1;
  expect(tries).toEqual(expected);
  for (const [id, times] of receiver.requests) {
    for (const i of [3, 4, 5].filter((each) => each < times.length)) {
      // SQS counts whole seconds from its own clock.
      expect({ id, i, waited: (times[i] as number) - (times[i - 1] as number) > DELAY_MS - 200 }).toMatchObject({
        waited: true,
      });
    }
  }
  expect(await letters()).toEqual(
    new Map([
      ['refused', [1]],
      ['down-1', [6]],
      ['down-2', [6]],
      ['down-3', [6]],
    ]),
  );
  expect(await done()).toEqual(new Set([...fine, ...flaky].map((job) => (job as { job_id: string }).job_id)));

  const queues = JSON.parse((await operator('queues', '--json')).stdout);
  expect(queues).toContainEqual(
    expect.objectContaining({ name: 'deliveries', deadLetters: expect.objectContaining({ waiting: 4 }) }),
  );
  expect(queues).toContainEqual(expect.objectContaining({ name: 'deliveries-retry', deadLetters: null }));

  receiver.isMended = true;
  const { code, stdout } = await operator('dlq', 'redrive', '--queue', 'deliveries', '--job-id', 'down-1', '--yes');
  expect({ code, stdout }).toMatchObject({ code: 0 });
  const isDone = async () => ((await done()).has('down-1') ? 0 : 1);
  await drained(isDone);
  expect([...(await letters()).keys()].sort()).toEqual(['down-2', 'down-3', 'refused']);
}, 240_000);

test.each([1, 2])(
  'processes that are killed at random moments lose no delivery, on neither queue (seed %d)',
  async (seed) => {
    const random = seededRandom(seed);
    const fine = Array.from({ length: 40 }, (_, i) => receiver.job(`fine-${i}`, 0));
    // One run fewer than they have: on a busy machine a run may be out of time, and that is a failure, too.
    const flaky = Array.from({ length: 20 }, (_, i) => receiver.job(`flaky-${i}`, 1 + (i % 4)));
    const down = Array.from({ length: 5 }, (_, i) => receiver.job(`down-${i}`, COMPLETELY_DOWN));
    await send([...down, ...flaky, ...fine]);
    let [kills, tries] = [0, 0];
    while (kills < 4 && tries++ < 200 && (await under()) > 0) {
      await delay(random() * 1_500);
      if (cloud.functions.get(NAME)?.killOne()) kills += 1;
    }
    await drained(under);
    expect(kills).toBe(4);
    expect(await done()).toEqual(new Set([...fine, ...flaky].map((job) => (job as { job_id: string }).job_id)));
    const dead = await letters();
    expect([...dead.keys()].sort()).toEqual(['down-0', 'down-1', 'down-2', 'down-3', 'down-4']);
    // A run that was killed is none that failed, so it may be one more; a copy beside its original starts anew.
    for (const attempts of dead.values()) for (const each of attempts) expect(each).toBeLessThanOrEqual(6);
  },
  300_000,
);

test('the retry queue delays what anybody sends to it', async () => {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url('-retry'), AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({ DelaySeconds: String(DELAY_MS / 1000) });
});

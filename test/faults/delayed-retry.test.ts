import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

const PACKAGE = '.sluice/test';
const TEMPLATE = 'cloudformation-template-update-stack.json';
/** Of an invocation, in seconds: on a busy machine a process that runs suspects needs more than the 2 s of the stage `test`. */
const TIMEOUT = 6;
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
      const [, asked] = (request.url ?? '').split('/');
      const fails = !this.isMended && times.length < Number(asked);
      response.writeHead(asked === 'refused' ? 400 : fails ? 503 : 200).end();
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  job(id: string, asked: string | number): object {
    const { port } = this.#server.address() as AddressInfo;
    return { job_id: id, url: `http://127.0.0.1:${port}/${asked}`, payload: { id } };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let lines: string[];
let folder: string;
let cloud: Cloud;
let receiver: FlakyReceiver;
let sqs: SQSClient;
let dynamodb: DynamoDBClient;
const url = (suffix = '') => `${cloud.endpoint}/000000000000/${NAME}${suffix}`;

beforeEach(async () => {
  receiver = new FlakyReceiver();
  await receiver.listen();
  const environment = { [NAME]: { WEBHOOK_ALLOWED_HOSTS: 'http://127.0.0.1:*', WEBHOOK_PRIVATE_ADDRESSES: 'allow' } };
  lines = [];
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-retry-'));
  cpSync(PACKAGE, folder, { recursive: true });
  const template = path.join(folder, TEMPLATE);
  const parsed = JSON.parse(readFileSync(template, 'utf8'));
  parsed.Resources.DeliveriesLambdaFunction.Properties.Timeout = TIMEOUT;
  writeFileSync(template, JSON.stringify(parsed));
  cloud = await startCloud({ template, port: 0, environment, onLog: (line) => lines.push(line) });
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
  rmSync(folder, { recursive: true });
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

/** The attempts of each dead letter, by job; of one that SQS itself moved, which nobody counted, 0. */
async function letters(): Promise<Map<string, number[]>> {
  const found = await readDeadLetters(sqs, url('-dlq'));
  await found.holding.release();
  const byJob = Map.groupBy(found.letters, ({ body }) => String(JSON.parse(body).job_id));
  return new Map([...byJob].map(([id, all]) => [id, all.map(({ reason }) => Number(reason?.attempts ?? 0))]));
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

const idsOf = (jobs: readonly object[]) => jobs.map((job) => (job as { job_id: string }).job_id);

/** How many runs of each job failed without an answer, as on a busy machine: they count, and may not have reached the receiver. */
function unanswered(): Map<string, number> {
  const runs = new Map<string, number>();
  for (const line of lines) {
    const [, id = '', error = ''] =
      /"job_(?:retried|dead_lettered)".*?"jobId":"([\w-]+)".*?"(?:error|message)":"([^"]*)"/.exec(line) ?? [];
    if (id && !/ answered \d/.test(error)) runs.set(id, (runs.get(id) ?? 0) + 1);
  }
  return runs;
}

test('deliveries are tried three times fast and three times late, then are dead and can be redriven; others pass meanwhile', async () => {
  const fine = Array.from({ length: 20 }, (_, i) => receiver.job(`fine-${i}`, 0));
  const flaky = [1, 2, 3, 4, 5].map((fails) => receiver.job(`fails-${fails}`, fails));
  const down = [1, 2, 3].map((i) => receiver.job(`down-${i}`, COMPLETELY_DOWN));
  await send([...down, ...flaky, receiver.job('refused', 'refused'), ...fine]);
  await drained(under);

  const late = unanswered();
  const expected: Record<string, number> = { refused: 1, 'down-1': 6, 'down-2': 6, 'down-3': 6 };
  for (const fails of [1, 2, 3, 4, 5]) expected[`fails-${fails}`] = fails + 1;
  for (const id of idsOf(fine)) expected[id] = 1;
  const isOnTime = (id: string) => !late.has(id);
  const triesOf = (id: string) => receiver.requests.get(id)?.length;
  for (const id of Object.keys(expected).filter(isOnTime)) expect([id, triesOf(id)]).toEqual([id, expected[id]]);
  for (const [id, times] of [...receiver.requests].filter(([each]) => isOnTime(each))) {
    // SQS counts whole seconds from its own clock.
    for (const i of [3, 4, 5].filter((each) => each < times.length)) {
      const waited = (times[i] as number) - (times[i - 1] as number);
      expect([id, i, waited > DELAY_MS - 200]).toEqual([id, i, true]);
    }
  }
  const dead = await letters();
  const passing = idsOf([...fine, ...flaky]).filter((id) => isOnTime(id) || !dead.has(id));
  expect(await done()).toEqual(new Set(passing));
  for (const id of idsOf(down)) expect(dead.get(id)).toEqual([6]);
  expect(dead.get('refused')).toEqual([1 + (late.get('refused') ?? 0)]);

  const queues = JSON.parse((await operator('queues', '--json')).stdout);
  const waiting = { waiting: dead.size };
  expect(queues).toContainEqual(
    expect.objectContaining({ name: 'deliveries', deadLetters: expect.objectContaining(waiting) }),
  );
  expect(queues).toContainEqual(expect.objectContaining({ name: 'deliveries-retry', deadLetters: null }));

  receiver.isMended = true;
  const { code } = await operator('dlq', 'redrive', '--queue', 'deliveries', '--job-id', 'down-1', '--yes');
  expect(code).toBe(0);
  await drained(async () => ((await done()).has('down-1') ? 0 : 1));
  expect(new Set((await letters()).keys())).toEqual(new Set([...dead.keys()].filter((id) => id !== 'down-1')));
}, 240_000);

test.each([1])(
  'processes that are killed at random moments lose no delivery, on neither queue (seed %d)',
  async (seed) => {
    const random = seededRandom(seed);
    const fine = Array.from({ length: 16 }, (_, i) => receiver.job(`fine-${i}`, 0));
    const fails = (i: number) => 1 + (i % 4);
    const flaky = Array.from({ length: 8 }, (_, i) => receiver.job(`flaky-${i}`, fails(i)));
    const down = Array.from({ length: 3 }, (_, i) => receiver.job(`down-${i}`, COMPLETELY_DOWN));
    await send([...down, ...flaky, ...fine]);
    let kills = 0;
    // Only a process that works can be killed, so many tries find none.
    while (kills < 4 && (await under()) > 0) {
      await delay(random() * (kills < 2 ? 200 : 2_000));
      if (cloud.functions.get(NAME)?.killOne()) kills += 1;
    }
    await drained(under);
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(lines.some((line) => /"delayed":[1-9]/.test(line))).toBe(true);

    const [dead, passed, late] = [await letters(), await done(), unanswered()];
    // SQS moves what was in five invocations that ended without an answer. So many are killed or out of time on a busy machine alone.
    const moved = [...dead].flatMap(([id, attempts]) => (attempts.includes(0) ? [id] : []));
    if (!lines.some((line) => line.includes('Task timed out'))) expect(moved).toEqual([]);
    // Who failed too often for six runs, those without an answer included.
    const exhausted = idsOf(flaky).filter((id, i) => fails(i) + (late.get(id) ?? 0) >= 6);
    for (const id of idsOf([...fine, ...flaky]))
      expect([id, passed.has(id) || exhausted.includes(id) || moved.includes(id)]).toEqual([id, true]);
    for (const id of idsOf(down)) expect([id, dead.has(id)]).toEqual([id, true]);
    const ended = new Set([...passed, ...dead.keys()]);
    expect(ended).toEqual(new Set(idsOf([...fine, ...flaky, ...down])));
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

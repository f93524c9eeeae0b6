import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readDeadLetters } from '../../demo/dead-letters.ts';
import { pick, type Random, seededRandom, shuffle, wholeNumber } from '../../demo/random.ts';
import { readTable } from '../../demo/table.ts';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { countsOf } from '../../operator/stage/counts.ts';
import { drained, jobsOutOfTime } from '../drained.ts';

const CONSUMERS = ['order-sales', 'order-stock', 'order-notify'] as const;
type Consumer = (typeof CONSUMERS)[number];

const ORDERS = 60;
const POISON = 4;
const KILLS = 2;

/** Seconds that a function may take: long enough for a busy machine, and killed batches come back after six of them. */
const TIMEOUT = 5;

let folder: string;
let template: string;

/** The package with more time than other tests give it. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sluice-fan-out-'));
  cpSync('.sluice/test', folder, { recursive: true });
  template = path.join(folder, 'cloudformation-template-update-stack.json');
  const parsed = JSON.parse(readFileSync(template, 'utf8'));
  for (const id of ['OrderDashsales', 'OrderDashstock', 'OrderDashnotify']) {
    const visibility = 6 * TIMEOUT + 1;
    parsed.Resources[`${id}Queue`].Properties.VisibilityTimeout = visibility;
    const { Properties } = parsed.Resources[`${id}LambdaFunction`];
    Properties.Timeout = TIMEOUT;
    Properties.Environment.Variables.VISIBILITY_TIMEOUT = String(visibility);
  }
  writeFileSync(template, JSON.stringify(parsed));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What the receiver of notifications does with an order: takes it, takes it after some 503s, or never (400). */
type Fate = 'taken' | 'flaky' | 'refused';

interface Order {
  readonly order_id: string;
  readonly amount: number;
  readonly customer_id: string;
  readonly fate: Fate;
  /** How often it is published. */
  readonly copies: number;
}

function ordersOf(random: Random): Order[] {
  return Array.from({ length: ORDERS }, (_, i) => ({
    order_id: `o-${i}`,
    amount: random() < 0.15 ? 0 : Math.round(random() * 200_000) / 100,
    customer_id: `c-${wholeNumber(random, 20)}`,
    fate: pick<Fate>(random, ['taken', 'taken', 'flaky', 'refused']),
    copies: 1 + wholeNumber(random, 3),
  }));
}

/** Receives notifications, each order's as its fate says. */
class Notified {
  readonly taken = new Map<string, number>();
  readonly #tries = new Map<string, number>();
  readonly #fates: ReadonlyMap<string, Fate>;
  readonly #server: Server;

  constructor(orders: readonly Order[]) {
    this.#fates = new Map(orders.map(({ order_id, fate }) => [order_id, fate]));
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.writeHead(this.#statusFor(JSON.parse(body).order_id)).end();
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/orders`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #statusFor(id: string): number {
    const tries = (this.#tries.get(id) ?? 0) + 1;
    this.#tries.set(id, tries);
    const fate = this.#fates.get(id);
    if (fate === 'refused') return 400;
    if (fate === 'flaky' && tries <= 2) return 503;
    this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
    return 200;
  }
}

class Stage {
  readonly lines: string[] = [];
  readonly #cloud: Cloud;
  readonly #sns: SNSClient;
  readonly #sqs: SQSClient;
  readonly #dynamodb: DynamoDBClient;

  constructor(cloud: Cloud) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = { endpoint: cloud.endpoint, region: 'us-east-1', credentials };
    this.#cloud = cloud;
    this.#sns = new SNSClient(client);
    this.#sqs = new SQSClient(client);
    this.#dynamodb = new DynamoDBClient(client);
  }

  async publish(bodies: readonly string[]) {
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:sluice-test-orders';
    for (let i = 0; i < bodies.length; i += 10) {
      const entries = bodies.slice(i, i + 10).map((Message, n) => ({ Id: String(n), Message }));
      const { Failed } = await this.#sns.send(
        new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
      );
      expect(Failed ?? []).toEqual([]);
    }
  }

  /** Messages on a consumer's queue, whatever their state. */
  async left(consumer: Consumer): Promise<number> {
    const { waiting, inFlight, delayed } = await countsOf(this.#sqs, this.#url(consumer));
    return waiting + inFlight + delayed;
  }

  kill(consumer: Consumer): boolean {
    return this.#cloud.functions.get(`sluice-test-${consumer}`)?.killOne() ?? false;
  }

  /** What has been done, by the ledger's key. */
  async results(): Promise<Map<string, unknown>> {
    const items = await readTable(this.#dynamodb, 'job-results-outbox-v1-test');
    return new Map(items.flatMap(({ jobId, status, result }) => (status === 'done' ? [[jobId, result]] : [])));
  }

  /** `errorClass body` of each dead letter, sorted. */
  async dead(consumer: Consumer): Promise<string[]> {
    const { letters, holding } = await readDeadLetters(this.#sqs, `${this.#url(consumer)}-dlq`);
    await holding.release();
    return letters.map(({ reason, body }) => `${reason?.errorClass ?? 'no reason'} ${body}`).sort();
  }

  #url(consumer: Consumer): string {
    return `${this.#cloud.endpoint}/000000000000/sluice-test-${consumer}`;
  }
}

/**
 * Deliveries that may have been made again, at most, because a busy machine left no time to store their result. What the
 * receiver put off is none of them.
 */
function outOfTime(lines: readonly string[]): number {
  const ofBatches = lines.filter((line) => line.includes('Task timed out') || /"unfinished":[1-9]/.test(line));
  const retried = lines.filter((line) => line.includes('"job_retried"') && !line.includes('answered 503'));
  return jobsOutOfTime(ofBatches) + retried.length;
}

const bodyOf = ({ order_id, amount, customer_id }: Order) => JSON.stringify({ order_id, amount, customer_id });

test.each([1])(
  'a receiver that refuses and a consumer that is killed are trouble of their own queue alone, and each order is done once by each (seed %d)',
  async (seed) => {
    const random = seededRandom(seed);
    const orders = ordersOf(random);
    const poison = Array.from({ length: POISON }, (_, i) => `no JSON ${i}`);
    const notified = new Notified(orders);
    const environment = { 'sluice-test-order-notify': { NOTIFY_URL: await notified.listen() } };
    const lines: string[] = [];
    const onLog = (line: string, name: string) => name.endsWith('order-notify') && lines.push(line);
    const cloud = await startCloud({ template, port: 0, environment, tableLimits: { latencyMs: 15 }, onLog });
    try {
      const stage = new Stage(cloud);
      const copies = orders.flatMap((order) => Array.from({ length: order.copies }, () => bodyOf(order)));
      await stage.publish(shuffle(random, [...copies, ...poison]));
      let kills = 0;
      while (kills < KILLS && (await stage.left('order-stock')) > 0) {
        await delay(random() * 100);
        if (stage.kill('order-stock')) kills += 1;
      }
      for (const consumer of CONSUMERS) await drained(() => stage.left(consumer));
      expect(kills).toBeGreaterThan(0);

      const results = await stage.results();
      const done = (consumer: Consumer) => {
        const prefix = `${consumer}:`;
        return [...results.keys()].flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : [])).sort();
      };
      const ids = (of: readonly Order[]) => of.map(({ order_id }) => order_id).sort();
      const told = orders.filter(({ amount }) => amount > 0);
      const lost = told.filter(({ fate }) => fate === 'refused');

      expect(done('order-sales')).toEqual(ids(orders));
      expect(done('order-stock')).toEqual(ids(orders));
      expect(done('order-notify')).toEqual(ids(told.filter(({ fate }) => fate !== 'refused')));
      for (const { order_id, amount } of orders) {
        expect(results.get(`order-sales:${order_id}`)).toMatchObject({ gross: amount });
      }

      const invalid = poison.map((body) => `InvalidJob ${body}`).sort();
      expect(await stage.dead('order-sales')).toEqual(invalid);
      // Its process may be killed between copy and acknowledgement; then there are two letters of one message.
      expect(new Set(await stage.dead('order-stock'))).toEqual(new Set(invalid));
      // What is no JSON passes no filter by body, nor does an order that costs nothing.
      const refused = lost.flatMap((order) =>
        Array.from({ length: order.copies }, () => `PermanentError ${bodyOf(order)}`),
      );
      expect(await stage.dead('order-notify')).toEqual(refused.sort());

      const twice = [...notified.taken.values()].filter((count) => count > 1).length;
      expect(twice).toBeLessThanOrEqual(outOfTime(lines));
      expect([...notified.taken.keys()].sort()).toEqual(done('order-notify'));
    } finally {
      notified.close();
      await cloud.close();
    }
  },
  300_000,
);

test('an order whose id was used for another amount is a conflict for each consumer by itself', async () => {
  const cloud = await startCloud({ template, port: 0 });
  try {
    const stage = new Stage(cloud);
    const order = (amount: number) => JSON.stringify({ order_id: 'one', amount, customer_id: 'c' });
    await stage.publish([order(1)]);
    for (const consumer of CONSUMERS) await drained(() => stage.left(consumer));
    await stage.publish([order(2), order(0), order(1)]);
    for (const consumer of CONSUMERS) await drained(() => stage.left(consumer));
    const conflict = (amount: number) => `PayloadConflict ${order(amount)}`;
    expect(await stage.dead('order-sales')).toEqual([conflict(0), conflict(2)]);
    expect(await stage.dead('order-stock')).toEqual([conflict(0), conflict(2)]);
    expect(await stage.dead('order-notify')).toEqual([conflict(2)]);
    const results = await stage.results();
    expect([...results.keys()].sort()).toEqual(['order-notify:one', 'order-sales:one', 'order-stock:one']);
    expect(results.get('order-notify:one')).toEqual({
      notification: { event: 'order.placed', order_id: 'one', amount: 1, customer_id: 'c' },
    });
  } finally {
    await cloud.close();
  }
}, 180_000);

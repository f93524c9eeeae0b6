import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { concurrently } from '../demo/concurrently.ts';
import { Receiver } from '../demo/receiver.ts';
import { type DemoStage, deployedAs, packageService, startStage, tableOf } from '../demo/service.ts';
import { MESSAGES_PER_REQUEST, PRICES } from './cost/prices.ts';
import { print } from './print.ts';
import { spreadOf } from './statistics.ts';

/*
 * What the patterns of docs/patterns.md cost and how long they take, on the embedded cloud. Requests and units are those
 * that AWS would count. Times are of this machine, without a network.
 *
 *     node bench/patterns.ts --messages 1000 --singles 15
 */

interface Measured {
  readonly name: string;
  readonly functions: readonly string[];
  /** Messages that pass its queues for one that is sent. */
  readonly hops: number;
  readonly isFifo?: boolean;
  readonly isPublished?: boolean;
  send(world: World, id: string, index: number): Promise<unknown>;
  /** What is in the tables when a message is through. */
  ends(id: string): readonly Place[];
}

interface World {
  readonly stage: DemoStage;
  readonly sns: SNSClient;
  readonly receiverUrl: string;
}

interface Place {
  readonly table: string;
  readonly keyName: string;
  readonly key: string;
}

const SENT_AT_ONCE = 20;
const STAGES = ['fulfil-reserve', 'fulfil-charge', 'fulfil-ship'];
const CONSUMERS = ['order-sales', 'order-stock', 'order-notify'];

const result = (key: string): Place => ({ table: 'job-results-outbox-v1', keyName: 'JobID', key });
const orderOf = (order_id: string) => ({ order_id, amount: 120, customer_id: 'customer-1' });
const sender =
  (
    queue: string,
    job: (id: string, index: number, world: World) => object,
    more: (index: number) => object = () => ({}),
  ) =>
  async (world: World, id: string, index: number) => {
    const QueueUrl = await world.stage.urlOf(queue);
    const MessageBody = JSON.stringify(job(id, index, world));
    await world.stage.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more(index) }));
  };
const webhookTo = (path: string) =>
  sender('deliveries', (job_id, _, { receiverUrl }) => ({
    ...{ type: 'webhook', job_id, url: `${receiverUrl}${path}`, payload: {} },
  }));

const PATTERNS: readonly Measured[] = [
  {
    ...{ name: 'simple', functions: ['jobs'], hops: 1 },
    send: sender('jobs', (job_id) => ({ job_id, value: 42 })),
    ends: (id) => [result(id)],
  },
  {
    ...{ name: 'FIFO, 10 groups', functions: ['entries'], hops: 1, isFifo: true },
    send: sender(
      'entries.fifo',
      (message_id, index) => ({ message_id, account_id: `account-${index % 10}`, amount: 42 }),
      (index) => ({ MessageGroupId: `account-${index % 10}`, MessageDeduplicationId: randomUUID() }),
    ),
    ends: (key) => [{ table: 'processed_messages', keyName: 'message_id', key }],
  },
  {
    ...{ name: 'fan-out to 3', functions: CONSUMERS, hops: 3, isPublished: true },
    async send({ sns }, id) {
      const TopicArn = `arn:aws:sns:us-east-1:000000000000:${deployedAs('orders')}`;
      await sns.send(new PublishCommand({ TopicArn, Message: JSON.stringify(orderOf(id)) }));
    },
    ends: (id) => CONSUMERS.map((consumer) => result(`${consumer}:${id}`)),
  },
  {
    ...{ name: 'chain of 3', functions: STAGES, hops: 3 },
    send: sender('fulfil-reserve', orderOf),
    ends: (id) => STAGES.map((stage) => result(`${stage}:${id}`)),
  },
  {
    ...{ name: 'delayed retry, passing at once', functions: ['deliveries'], hops: 1 },
    send: webhookTo('/ok'),
    ends: (id) => [result(id)],
  },
  {
    ...{ name: 'delayed retry, passing on the 5th run', functions: ['deliveries'], hops: 2 },
    send: webhookTo('/flaky/503/4'),
    ends: (id) => [result(id)],
  },
];

/** How often to look whether a message is through, milliseconds. */
const LOOK_EVERY_MS = 5;

async function through({ stage }: World, places: readonly Place[]): Promise<void> {
  for (const { table, keyName, key } of places) {
    const input = { TableName: tableOf(table), Key: { [keyName]: { S: key } }, ConsistentRead: true };
    for (;;) {
      const { Item } = await stage.dynamodb.send(new GetItemCommand(input));
      // A FIFO consumer's table has no status while nothing failed.
      if (Item && (Item.Status === undefined || Item.Status.S === 'done')) break;
      await delay(LOOK_EVERY_MS);
    }
  }
}

interface Usage {
  /** Requests to queues. */
  readonly queue: number;
  /** Units of tables, reads counted as writes. */
  readonly units: number;
  readonly invocations: number;
  readonly gigabyteSeconds: number;
}

/** What functions used so far. */
function usageOf({ stage }: World, functions: readonly string[]): Usage {
  let [queue, units, invocations, gigabyteSeconds] = [0, 0, 0, 0];
  for (const name of functions) {
    const lambda = stage.functionOf(name);
    const stats = lambda.stats();
    invocations += stats.invocations;
    gigabyteSeconds += (stats.billedMs / 1_000) * (lambda.configuration.memoryMegabytes / 1_024);
    for (const [target, { requests, parts }] of stage.cloud.permissions.requests(deployedAs(name))) {
      if (target.startsWith('AmazonSQS.')) queue += requests;
      else units += parts;
    }
  }
  return { queue, units, invocations, gigabyteSeconds };
}

async function measure(pattern: Measured, world: World, messages: number, singles: number): Promise<string[]> {
  const waits: number[] = [];
  for (let n = 0; n <= singles; n += 1) {
    const id = `single-${pattern.name.replaceAll(/[^a-z0-9]/gi, '')}-${n}`;
    const startedAt = performance.now();
    await pattern.send(world, id, n);
    await through(world, pattern.ends(id));
    // The first one is a cold start.
    if (n > 0) waits.push(performance.now() - startedAt);
  }
  const before = usageOf(world, pattern.functions);
  const ids = Array.from({ length: messages }, (_, n) => `many-${pattern.name.replaceAll(/[^a-z0-9]/gi, '')}-${n}`);
  const startedAt = performance.now();
  await concurrently(SENT_AT_ONCE, [...ids.entries()], ([index, id]) => pattern.send(world, id, index).then(() => {}));
  for (const id of ids) await through(world, pattern.ends(id));
  const seconds = (performance.now() - startedAt) / 1000;
  const after = usageOf(world, pattern.functions);
  const each = (key: keyof typeof after) => (after[key] - before[key]) / messages;
  // Producers send ten messages to a request; a mapping receives and deletes as many.
  const mapping = (2 * pattern.hops) / MESSAGES_PER_REQUEST;
  const requests = 1 / MESSAGES_PER_REQUEST + mapping + each('queue');
  const price = pattern.isFifo ? PRICES.fifoRequests : PRICES.queueRequests;
  const published = pattern.isPublished ? PRICES.publishes / MESSAGES_PER_REQUEST : 0;
  const lambda = each('invocations') * PRICES.invocations + each('gigabyteSeconds') * 1e6 * PRICES.gigabyteSeconds;
  const dollars = requests * price + published + each('units') * PRICES.writeUnits + lambda;
  const { median, min, max } = spreadOf(waits);
  return [
    pattern.name,
    `${Math.round(median)} (${Math.round(min)} to ${Math.round(max)})`,
    String(Math.round(messages / seconds)),
    each('units').toFixed(2),
    requests.toFixed(2),
    each('invocations').toFixed(2),
    dollars.toFixed(2),
  ];
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000' },
    singles: { type: 'string', default: '15' },
    only: { type: 'string' },
  },
});
await using cleanup = new AsyncDisposableStack();
await packageService();
const stage = cleanup.adopt(await startStage(() => {}), (it) => it.close());
const receiver = cleanup.adopt(new Receiver(), (it) => it.close());
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const sns = new SNSClient({ endpoint: stage.cloud.endpoint, region: 'us-east-1', credentials });
const world: World = { stage, sns, receiverUrl: await receiver.listen() };
const rows: string[][] = [];
for (const pattern of PATTERNS) {
  if (values.only && !pattern.name.includes(values.only)) continue;
  const row = await measure(pattern, world, Number(values.messages), Number(values.singles));
  console.log(row.join('  '));
  rows.push(row);
}
sns.destroy();
print(['', 'one message alone, ms', 'messages/s', 'table units', 'queue requests', 'invocations', '$ a million'], rows);

import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { concurrently, inGroups } from '../concurrently.ts';
import { pick, shuffle, wholeNumber } from '../random.ts';
import { deployedAs, tableOf } from '../service.ts';
import { readTable } from '../table.ts';
import type { Pattern, PatternAccount, PlanOptions, World } from './pattern.ts';
import { comparePlaces, idIn } from './places.ts';

const CONSUMERS = ['order-sales', 'order-stock', 'order-notify'] as const;
/** Its filter policy leaves out orders that cost nothing. */
const FILTERED = 'order-notify';

interface Order {
  readonly id: string;
  readonly kind: 'order' | 'free' | 'invalid';
  readonly body: string;
}

/** Orders published to a topic. The receiver of notifications refuses each one twice. */
export const fanOut: Pattern = {
  what: 'fan-out of orders',
  queues: CONSUMERS,
  functions: CONSUMERS,
  environment: (receiverUrl) => ({ NOTIFY_URL: `${receiverUrl}/flaky/503/2` }),
  plan({ jobs, random }: PlanOptions) {
    const [free, invalid, again] = [0.15, 0.1, 0.1].map((share) => Math.round(jobs * share)) as [
      number,
      number,
      number,
    ];
    const amount = () => 1 + wholeNumber(random, 2_000);
    const order = (kind: Order['kind'], n: number, fields: object): Order => {
      const id = `${kind}-${n}`;
      return { id, kind, body: JSON.stringify({ order_id: id, customer_id: `customer-${n % 40}`, ...fields }) };
    };
    const many = (count: number, make: (n: number) => Order) => Array.from({ length: count }, (_, n) => make(n));
    const valid = many(jobs - free - invalid - again, (n) => order('order', n, { amount: amount() }));
    const orders = [
      ...valid,
      ...many(free, (n) => order('free', n, { amount: 0 })),
      ...many(invalid, (n) => order('invalid', n, { amount: amount(), discount: 'all' })),
    ];
    const published = shuffle(random, [...orders, ...many(again, () => pick(random, valid))]);
    return {
      shares: [
        { count: valid.length, kind: 'order', text: 'booked, reserved and notified' },
        { count: free, kind: 'free', text: 'costs nothing: filtered from the notifications' },
        { count: invalid, kind: 'invalid', text: 'refused by the schema: dead in each queue' },
        { count: again, kind: 'duplicate', text: 'published again: no effect' },
      ],
      arrivals: published.reduce((sum, each) => sum + arrivalsOf(each), 0),
      send: (world, sent) => publish(world, published, sent),
      account: (world) => accountFor(orders, published.length, world),
    };
  },
};

const arrivalsOf = ({ kind }: Order): number => CONSUMERS.length - (kind === 'free' ? 1 : 0);

async function publish({ stage }: World, orders: readonly Order[], sent: (arrivals: number) => void): Promise<void> {
  const { endpoint } = stage.cloud;
  const credentials = { accessKeyId: 'demo', secretAccessKey: 'demo' };
  const sns = new SNSClient({ endpoint, region: 'us-east-1', credentials });
  const TopicArn = `arn:aws:sns:us-east-1:000000000000:${deployedAs('orders')}`;
  await concurrently(4, inGroups(orders, 10), async (group) => {
    const PublishBatchRequestEntries = group.map(({ body }, i) => ({ Id: String(i), Message: body }));
    const { Failed = [] } = await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    if (Failed[0]) throw new Error(`SNS refused ${Failed.length} of ${group.length} orders: ${Failed[0].Message}`);
    sent(group.reduce((sum, each) => sum + arrivalsOf(each), 0));
  });
  sns.destroy();
}

async function accountFor(orders: readonly Order[], published: number, world: World): Promise<PatternAccount> {
  const { stage, receiver } = world;
  const items = await readTable(stage.dynamodb, tableOf('job-results-outbox-v1'));
  const rows: [number, string][] = [[published, 'published']];
  const discrepancies: string[] = [];
  for (const consumer of CONSUMERS) {
    const start = `${consumer}:`;
    const done = items.filter(({ jobId, status }) => status === 'done' && jobId.startsWith(start));
    const stored = new Set(done.map(({ jobId }) => jobId.slice(start.length)));
    const due = orders.filter(({ kind }) => consumer !== FILTERED || kind !== 'free');
    const expected = due.map(({ id, kind }) => ({ id, ...(kind === 'invalid' && { dead: 'InvalidJob' }) }));
    const letters = await world.deadLetters(`${consumer}-dlq`);
    const places = comparePlaces(consumer, expected, stored, letters, idIn('order_id'));
    rows.push([places.stored, `stored by ${consumer}`], [places.dead, `dead in ${consumer}-dlq, each with its reason`]);
    discrepancies.push(...places.discrepancies);
  }
  rows.push([receiver.deliveries.size, 'notifications delivered, after two refusals each']);
  return { rows, discrepancies };
}

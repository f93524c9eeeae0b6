import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { queueResource } from '../../../localstack/cloud-under-test.ts';
import { arnOf, subscriptionOf } from '../../../localstack/sns/world.ts';
import { type StageUnderTest, stageUnderTest } from '../../stage-under-test.ts';

const QUEUES = ['sales', 'notify'] as const;

/** The topic `orders` with two of its queues; the second takes what costs something. */
const world = () =>
  stageUnderTest({
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'sluice-test-orders' } },
    Sales: queueResource('sluice-test-order-sales'),
    Notify: queueResource('sluice-test-order-notify'),
    ToSales: subscriptionOf('Sales'),
    ToNotify: subscriptionOf('Notify', {
      Endpoint: arnOf('Notify'),
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: { amount: [{ numeric: ['>', 0] }] },
    }),
  });

async function bodies({ stage }: StageUnderTest): Promise<Record<string, string[]>> {
  const read = async (name: string) => {
    const all: string[] = [];
    for (;;) {
      const QueueUrl = stage.queues.find((queue) => queue.name === `order-${name}`)?.url;
      const { Messages = [] } = await stage.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
      if (Messages.length === 0) return all.sort();
      all.push(...Messages.map(({ Body = '' }) => Body));
    }
  };
  return Object.fromEntries(await Promise.all(QUEUES.map(async (name) => [name, await read(name)] as const)));
}

const order = (order_id: string, amount: number) => JSON.stringify({ order_id, amount, customer_id: 'c' });

test('orders go to each queue whose filter they pass, byte for byte', async () => {
  await using stage = await world();
  const input = `${order('a', 0)}\n${order('b', 5)} \n`;
  const { code, stdout, stderr } = await stage.sluice(['send', '--topic', 'orders'], { input });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Sent 2 messages to the topic orders in \d+\.\d s\.\nNext: npx sluice queues --watch\n$/);
  expect(await bodies(stage)).toEqual({ sales: [order('a', 0), `${order('b', 5)} `], notify: [`${order('b', 5)} `] });
});

test('samples are orders of their own, and JSON names the topic', async () => {
  await using stage = await world();
  const { code, stdout } = await stage.sluice(['send', '--topic', 'orders', '--count', '12', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    topic: 'orders',
    arn: 'arn:aws:sns:us-east-1:000000000000:sluice-test-orders',
    sent: 12,
    refused: 0,
  });
  const { sales = [] } = await bodies(stage);
  expect(new Set(sales.map((body) => JSON.parse(body).order_id)).size).toBe(12);
});

test('what one consumer would not take is not published, unless it is not checked', async () => {
  await using stage = await world();
  const typed = JSON.stringify({ type: 'order-sales', order_id: 'a', amount: 1, customer_id: 'c' });
  for (const [line, problem] of [
    [order('a', -1), 'standard input:1: '],
    [typed, 'standard input:1: the consumer order-stock would not take it: '],
    ['x'.repeat(262_145), 'standard input:1: it is larger than the 256 KiB that SNS takes'],
  ] as const) {
    const { code, stdout, stderr } = await stage.sluice(['send', '--topic', 'orders'], { input: `${line}\n` });
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('Nothing was sent') });
    expect(stderr).toContain(problem);
  }
  expect(await bodies(stage)).toEqual({ sales: [], notify: [] });
  const { code } = await stage.sluice(['send', '--topic', 'orders', '--unchecked'], { input: 'poison\n' });
  expect(code).toBe(0);
  expect(await bodies(stage)).toEqual({ sales: ['poison'], notify: [] });
});

test.each([
  [['--topic', 'order'], 'the stage test has no topic "order"; it has: orders'],
  [['--topic', 'orders', '--queue', 'jobs'], 'pass either --queue or --topic'],
  [['order-sales', '--topic', 'orders'], 'leave the job type out'],
])('%j ends with what to do', async (args, message) => {
  await using stage = await world();
  const { code, stderr } = await stage.sluice(['send', ...args, '--count', '1']);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

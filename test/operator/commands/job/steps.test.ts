import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { placesOf } from '../../../../operator/stage/namespaces.ts';
import { type StageUnderTest, stageUnderTest } from '../../stage-under-test.ts';

const put = (world: StageUnderTest, key: string, more: Record<string, AttributeValue> = {}) => {
  const Item = {
    ...{
      JobID: { S: key },
      Type: { S: key.split(':')[0] as string },
      Fingerprint: { S: 'f' },
      FencingToken: { N: '1' },
    },
    ...{ Status: { S: 'done' }, CompletedAt: { S: '2026-01-31T11:59:01.500Z' }, ttl: { N: '4102444800' } },
    ...more,
  };
  return world.dynamodb.send(new PutItemCommand({ TableName: 'results', Item }));
};
const SENT = { HandedOverAt: { S: '2026-01-31T11:59:02.000Z' } };
const PENDING = { HandOver: { S: '{"order_id":"o-1"}' } };

test('an id is looked up as it is, and behind each namespace, the steps of a chain in their order', () => {
  const places = placesOf('o-1');
  expect(places[0]).toEqual({ key: 'o-1', queue: undefined, next: undefined });
  const steps = places.filter(({ key }) => key.startsWith('fulfil-'));
  expect(steps).toEqual([
    { key: 'fulfil-reserve:o-1', queue: 'fulfil-reserve', next: 'fulfil-charge' },
    { key: 'fulfil-charge:o-1', queue: 'fulfil-charge', next: 'fulfil-ship' },
    { key: 'fulfil-ship:o-1', queue: 'fulfil-ship', next: undefined },
  ]);
  expect(new Set(places.map(({ key }) => key)).size).toBe(places.length);
});

test('an order is shown with each of its steps, what is handed over, and what has not begun', async () => {
  await using world = await stageUnderTest();
  await put(world, 'fulfil-reserve:o-1', SENT);
  await put(world, 'fulfil-charge:o-1', SENT);
  await put(world, 'fulfil-reserve:o-2', SENT);
  const { code, stdout } = await world.sluice(['job', 'o-1']);
  expect(stdout.match(/^job .*/gm)).toEqual([
    'job        fulfil-reserve:o-1',
    'job        fulfil-charge:o-1',
    'job        fulfil-ship:o-1',
  ]);
  expect(stdout).toMatch(/\nhands over to fulfil-charge: sent 2026-01-31/);
  expect(stdout).toMatch(/\nhands over to fulfil-ship: sent 2026-01-31/);
  expect(stdout).toMatch(/\nstate +not begun\nwhere +its message is on the queue fulfil-ship, or dead/);
  expect(stdout).toContain('Next: the same with --search\n');
  expect(code).toBe(0);
  const { job, jobs } = JSON.parse((await world.sluice(['job', 'o-1', '--json'])).stdout);
  expect(jobs).toMatchObject([
    { jobId: 'fulfil-reserve:o-1', handOver: 'sent', handedOverAt: '2026-01-31T11:59:02.000Z' },
    { jobId: 'fulfil-charge:o-1', handOver: 'sent' },
  ]);
  expect(job).toEqual(jobs[0]);
});

test('a hand-over that is not known to be sent is told, and the next step is not said to be awaited', async () => {
  await using world = await stageUnderTest();
  await put(world, 'fulfil-reserve:o-1', PENDING);
  const { stdout } = await world.sluice(['job', 'o-1']);
  expect(stdout.match(/^job .*/gm)).toEqual(['job        fulfil-reserve:o-1']);
  expect(stdout).toMatch(/\nhands over to fulfil-charge: not known to be sent; /);
  const { jobs } = JSON.parse((await world.sluice(['job', 'o-1', '--json'])).stdout);
  expect(jobs).toMatchObject([{ handOver: 'pending', handedOverAt: null }]);
});

test('a chain that is through needs no next step, and a single step is found by the key of the ledger', async () => {
  await using world = await stageUnderTest();
  await put(world, 'fulfil-reserve:o-1', SENT);
  await put(world, 'fulfil-charge:o-1', SENT);
  await put(world, 'fulfil-ship:o-1', { Result: { M: { number: { S: '0123' } } } });
  const { stdout } = await world.sluice(['job', 'o-1']);
  expect(stdout).not.toContain('Next:');
  expect(stdout).toContain('"number": "0123"');
  expect((await world.sluice(['job', 'fulfil-charge:o-1'])).stdout.match(/^job .*/gm)).toEqual([
    'job        fulfil-charge:o-1',
  ]);
});

test('--search finds the dead letter of a step by the id in its reason', async () => {
  await using world = await stageUnderTest();
  const reason = {
    ...{
      errorClass: 'PermanentError',
      message: 'the amount is too high',
      fingerprint: 'f',
      kind: 'permanent',
      attempts: 1,
    },
    ...{ jobId: 'o-1', type: 'fulfil-charge', functionName: 'f', functionVersion: '1', messageId: 'm' },
    ...{ firstFailedAt: '2026-01-31T11:59:01.500Z', lastFailedAt: '2026-01-31T11:59:01.500Z' },
  };
  const DeadLetterReason = { DataType: 'String', StringValue: JSON.stringify(reason) };
  const QueueUrl = world.stage.queues[0]?.deadLetters?.url;
  const MessageBody = JSON.stringify({ order_id: 'o-1', amount: 1 });
  await world.stage.sqs.send(
    new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes: { DeadLetterReason } }),
  );
  const { code, stdout } = await world.sluice(['job', 'o-1', '--search']);
  expect(stdout).toMatch(/dead in +the DLQ of jobs, message .*\nbecause +PermanentError: the amount is too high/);
  expect(code).toBe(0);
});

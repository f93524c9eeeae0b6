import { arrange } from '../../../operator/stage/discovery.ts';
import { selectQueues } from '../../../operator/stage/select-queues.ts';
import { stageUnderTest } from '../stage-under-test.ts';

const queue = (name: string, target?: string) => ({
  url: `http://sqs/1/${name}`,
  arn: `arn:aws:sqs:us-east-1:1:${name}`,
  target: target && `arn:aws:sqs:us-east-1:1:${target}`,
  maxReceiveCount: target ? 5 : undefined,
});
const nowhere = () => Promise.reject(new Error('not asked for'));
const shape = async (queues: ReturnType<typeof queue>[]) =>
  (await arrange(queues, 's-', nowhere)).map(({ name, deadLetters }) => [name, deadLetters?.url.split('/').at(-1)]);

test('a DLQ hangs below its queue and is none itself', async () => {
  expect(await shape([queue('s-jobs-dlq'), queue('s-jobs', 's-jobs-dlq'), queue('s-plain')])).toEqual([
    ['jobs', 's-jobs-dlq'],
    ['plain', undefined],
  ]);
});

test('behind a retry queue the DLQ belongs to the queue where messages start', async () => {
  expect(await shape([queue('s-main', 's-retry'), queue('s-retry', 's-dlq'), queue('s-dlq')])).toEqual([
    ['main', 's-dlq'],
    ['retry', undefined],
  ]);
});

test('a DLQ that a queue shares with its retry queue belongs to the main queue, and is listed once', async () => {
  const twins = [queue('s-a-retry', 's-a-dlq'), queue('s-a', 's-a-dlq'), queue('s-a-dlq')];
  const strangers = [queue('s-b-retry', 's-c-dlq'), queue('s-c', 's-c-dlq'), queue('s-c-dlq')];
  expect(await shape([...twins, ...strangers])).toEqual([
    ['a-retry', undefined],
    ['a', 's-a-dlq'],
    ['b-retry', 's-c-dlq'],
    ['c', 's-c-dlq'],
  ]);
});

test('policies that form a ring do not hang the tool', async () => {
  expect(await shape([queue('s-a', 's-b'), queue('s-b', 's-a'), queue('s-c', 's-a')])).toEqual([
    ['a', undefined],
    ['b', undefined],
    ['c', expect.any(String)],
  ]);
});

test('a DLQ outside of the stack is looked up', async () => {
  const urlOf = async (arn: string) => `found:${arn}`;
  const [found] = await arrange([queue('s-jobs', 'elsewhere')], 's-', urlOf);
  expect(found?.deadLetters?.url).toBe('found:arn:aws:sqs:us-east-1:1:elsewhere');
});

test('a stage is what its stack holds', async () => {
  await using world = await stageUnderTest();
  const { stage } = world;
  expect(stage.tableName).toBe('results');
  expect(stage.queues.map(({ name, fifo, maxReceiveCount }) => [name, fifo, maxReceiveCount])).toEqual([
    ['jobs', false, 5],
    ['orders.fifo', true, 3],
  ]);
});

test('--queue takes a short name, a full one, a URL, the DLQ, and any queue of the account', async () => {
  await using world = await stageUnderTest();
  const { stage, cloud } = world;
  const [jobs] = stage.queues;
  const ways = [
    'jobs',
    'sluice-test-jobs',
    jobs?.url,
    jobs?.arn.split(':').at(-1),
    'sluice-test-jobs-dlq',
    jobs?.deadLetters?.url,
  ];
  for (const way of ways) expect(await selectQueues(stage, way)).toEqual([jobs]);
  const stranger = `${cloud.endpoint}/000000000000/sluice-test-orders-dlq.fifo`;
  expect(await selectQueues({ ...stage, queues: [] }, stranger)).toEqual([
    expect.objectContaining({ name: 'sluice-test-orders-dlq.fifo', url: stranger, fifo: true, deadLetters: undefined }),
  ]);
  await expect(selectQueues(stage, 'frob')).rejects.toThrow(
    'the stage test has no queue "frob"; it has: jobs, orders.fifo',
  );
});

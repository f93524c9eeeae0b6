import { until } from '../functions/world.ts';
import { mappingWorld, numbers, recordingFunction, sleep } from './world.ts';

const sizes = (lambda: { batches: unknown[][] }): number[] => lambda.batches.map((batch) => batch.length);

test('a batch holds at most ten records when nothing else is said, and every message is deleted', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(35));
  const lambda = recordingFunction();
  const mapping = world.map(lambda);
  await until(() => mapping.stats().deleted === 35, 'all are deleted');
  expect(Math.max(...sizes(lambda))).toBe(10);
  expect(
    lambda.batches
      .flat()
      .map((record) => Number(record.body))
      .sort((a, b) => a - b),
  ).toEqual(numbers(35).map(Number));
  expect(world.counts()).toEqual({ waiting: 0, inFlight: 0 });
  expect(mapping.lastProcessingResult()).toBe('OK');
});

test('a batch size below ten is never exceeded', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(20));
  const lambda = recordingFunction();
  const mapping = world.map(lambda, { batchSize: 3 });
  await until(() => mapping.stats().deleted === 20, 'all are deleted');
  expect(Math.max(...sizes(lambda))).toBe(3);
});

test('receives of ten are gathered into one batch, which closes by size long before its window', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(300));
  const lambda = recordingFunction();
  const startedAt = performance.now();
  const mapping = world.map(lambda, { batchSize: 100, windowSeconds: 60 });
  await until(() => mapping.stats().deleted === 300, 'all are deleted');
  expect(performance.now() - startedAt).toBeLessThan(25_000);
  expect(sizes(lambda)).toEqual([100, 100, 100]);
});

test('a batch of 10,000 records passes in one invocation', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(10_000));
  const lambda = recordingFunction();
  const mapping = world.map(lambda, { batchSize: 10_000, windowSeconds: 60 });
  await until(() => mapping.stats().deleted === 10_000, 'all are deleted');
  expect(sizes(lambda)).toEqual([10_000]);
}, 60_000);

test('the window closes a batch that does not fill', async () => {
  await using world = await mappingWorld();
  const lambda = recordingFunction();
  world.map(lambda, { batchSize: 100, windowSeconds: 1 });
  await sleep(300);
  const sentAt = performance.now();
  await world.send(['first']);
  await sleep(500);
  await world.send(['second', 'third']);
  expect(lambda.batches).toEqual([]);
  await until(() => lambda.batches.length > 0, 'the window has passed');
  expect(performance.now() - sentAt).toBeGreaterThanOrEqual(990);
  expect(lambda.batches.map((batch) => batch.map((record) => record.body))).toEqual([['first', 'second', 'third']]);
});

test('without a window a single message is delivered at once', async () => {
  await using world = await mappingWorld();
  const lambda = recordingFunction();
  world.map(lambda);
  await sleep(300);
  const sentAt = performance.now();
  await world.send(['now']);
  await until(() => lambda.batches.length === 1, 'it is delivered');
  expect(performance.now() - sentAt).toBeLessThan(8_000);
});

test('a batch closes before its event exceeds 6 MB', async () => {
  await using world = await mappingWorld();
  const megabyte = 'x'.repeat(1_000_000);
  for (let count = 0; count < 14; count += 1) await world.send([megabyte]);
  const payloads: number[] = [];
  const mapping = world.map(
    {
      endsLoop: () => false,
      async invoke(payload) {
        payloads.push(Buffer.byteLength(payload));
        return { payload: 'null', requestId: 'r', logTail: '', durationMs: 1 };
      },
    },
    { batchSize: 100, windowSeconds: 2 },
  );
  await until(() => mapping.stats().deleted === 14, 'all are deleted');
  expect(Math.max(...payloads)).toBeLessThanOrEqual(6 * 1024 * 1024);
  expect(payloads.map((bytes) => Math.floor(bytes / 1_000_000))).toEqual([6, 6, 2]);
});

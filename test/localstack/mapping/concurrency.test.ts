import { Concurrency } from '../../../localstack/mapping/concurrency.ts';
import { until } from '../functions/world.ts';
import { mappingWorld, numbers, recordingFunction, sleep } from './world.ts';

describe('batches at the same time', () => {
  test('never exceed the maximum concurrency, and reach it', async () => {
    await using world = await mappingWorld();
    await world.send(numbers(100));
    const lambda = recordingFunction(() => sleep(30));
    const mapping = world.map(lambda, { batchSize: 2, maximumConcurrency: 3 });
    await until(() => mapping.stats().deleted === 100, 'all are deleted');
    expect(lambda.peak).toBe(3);
  });

  test('are five to begin with when no maximum is set', async () => {
    await using world = await mappingWorld();
    await world.send(numbers(100));
    const lambda = recordingFunction(() => sleep(400));
    const mapping = world.map(lambda, { batchSize: 1 });
    await until(() => lambda.batches.length >= 5, 'the first batches are in flight');
    await sleep(200);
    expect(lambda.peak).toBe(5);
    expect(mapping.stats()).toMatchObject({ received: 5, inFlightBatches: 5 });
  });

  test('bound what is received: nothing waits here while the function is busy', async () => {
    await using world = await mappingWorld();
    await world.send(numbers(100));
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const lambda = recordingFunction(() => gate);
    const mapping = world.map(lambda, { batchSize: 10, maximumConcurrency: 2 });
    await until(() => lambda.batches.length === 2, 'both batches are in flight');
    await sleep(300);
    expect(world.counts()).toEqual({ waiting: 80, inFlight: 20 });
    release();
    await until(() => mapping.stats().deleted === 100, 'all are deleted');
  });
});

test('a message that a long poll still brings when the last batch has closed waits for a free one', async () => {
  await using world = await mappingWorld();
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const lambda = recordingFunction(() => gate);
  const mapping = world.map(lambda, { batchSize: 10, windowSeconds: 1, maximumConcurrency: 2 });
  await world.send(['first']);
  await until(() => lambda.batches.length === 1, 'the first window has passed');
  await world.send(['second']);
  // Between the ends of the long poll and of the window, which last a second each.
  await sleep(500);
  await world.send(['beside the second']);
  await until(() => lambda.batches.length === 2, 'the second window has passed');
  await world.send(['third']);
  await until(() => mapping.stats().received === 4, 'it is received');
  await sleep(1_300);
  expect(lambda.batches.length).toBe(2);
  release();
  await until(() => mapping.stats().deleted === 4, 'all are deleted');
  expect(lambda.batches.at(-1)?.map((record) => record.body)).toEqual(['third']);
});

describe('scaling', () => {
  test('adds 300 a minute while receives come back full, up to the local ceiling', () => {
    const concurrency = new Concurrency();
    const seen = [];
    for (let second = 0; second <= 20; second += 1) {
      concurrency.received(true, second * 1000);
      seen.push(concurrency.limit);
    }
    expect(seen.slice(0, 4)).toEqual([5, 10, 15, 20]);
    expect(seen.at(-1)).toBe(50);
  });

  test('does not count the time without a backlog and starts over on an empty queue', () => {
    const concurrency = new Concurrency();
    concurrency.received(true, 0);
    concurrency.received(false, 1000);
    concurrency.received(true, 60_000);
    expect(concurrency.limit).toBe(5);
    concurrency.received(true, 62_000);
    expect(concurrency.limit).toBe(15);
    concurrency.idle();
    expect(concurrency.limit).toBe(5);
  });

  test('a maximum concurrency is the limit from the start and does not scale', () => {
    const concurrency = new Concurrency(40);
    concurrency.received(true, 0);
    concurrency.received(true, 60_000);
    expect(concurrency.limit).toBe(40);
  });

  test('failures halve it, never below one, and successes restore it one by one', () => {
    const concurrency = new Concurrency(4);
    const limits = [() => concurrency.backOff(), () => concurrency.backOff(), () => concurrency.backOff()].map(
      (step) => {
        step();
        return concurrency.limit;
      },
    );
    expect(limits).toEqual([2, 1, 1]);
    for (let success = 0; success < 5; success += 1) concurrency.succeeded();
    expect(concurrency.limit).toBe(4);
  });
});

import { ThrottledError } from '../../../localstack/functions/throttled-error.ts';
import { functionWorld, until } from '../functions/world.ts';
import { mappingWorld, numbers, recordingFunction, sleep } from './world.ts';

test('throttled invocations are retried while their messages stay invisible, and none is received twice', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(10));
  const lambda = recordingFunction();
  let refusals = 3;
  const mapping = world.map({
    endsLoop: () => false,
    async invoke(payload) {
      if (refusals > 0) {
        refusals -= 1;
        throw new ThrottledError('worker', 1);
      }
      return lambda.invoke(payload);
    },
  });
  await until(() => mapping.stats().deleted === 10, 'all are deleted');
  expect(mapping.stats()).toMatchObject({ received: 10, returned: 0 });
  expect(lambda.batches.flat().map((record) => record.attributes.ApproximateReceiveCount)).toEqual(Array(10).fill('1'));
});

test('a function with reserved concurrency 1 handles everything that many batches bring', async () => {
  await using world = await mappingWorld();
  await using host = functionWorld(
    'export const handler = async () => { await new Promise((r) => setTimeout(r, 20)); };',
    { reservedConcurrency: 1 },
  );
  await world.send(numbers(40));
  const mapping = world.map(host.function, { batchSize: 5, maximumConcurrency: 8 });
  await until(() => mapping.stats().deleted === 40, 'all are deleted');
  expect(host.function.stats().throttles).toBeGreaterThan(0);
  expect(mapping.stats()).toMatchObject({ received: 40, returned: 0 });
});

test('retries end with the visibility timeout: the message is invoked once, after its next receive', async () => {
  await using world = await mappingWorld({ visibilitySeconds: 1 });
  await world.send(['late']);
  const lambda = recordingFunction();
  const openAt = Date.now() + 1_300;
  const mapping = world.map({
    endsLoop: () => false,
    async invoke(payload) {
      if (Date.now() < openAt) throw new ThrottledError('worker', 1);
      return lambda.invoke(payload);
    },
  });
  await until(() => mapping.stats().deleted === 1, 'it is deleted');
  await sleep(300);
  expect(lambda.batches.flat().map((record) => record.attributes.ApproximateReceiveCount)).toEqual(['2']);
  expect(mapping.stats()).toMatchObject({ received: 2, returned: 1 });
  expect(world.counts()).toEqual({ waiting: 0, inFlight: 0 });
});

test('receives of throttled messages count, so that a function that is never free ends in the DLQ', async () => {
  await using world = await mappingWorld({ visibilitySeconds: 1, maxReceiveCount: 2 });
  await world.send(['never']);
  world.map({ endsLoop: () => false, invoke: () => Promise.reject(new ThrottledError('worker', 0)) });
  await until(() => world.counts('dead').waiting === 1, 'it is in the DLQ');
  expect(world.counts()).toEqual({ waiting: 0, inFlight: 0 });
});

test('failed invocations slow the polling down, unless ReportBatchItemFailures leaves that to the function', async () => {
  const peakWhileFailing = async (reportBatchItemFailures: boolean): Promise<number> => {
    await using world = await mappingWorld();
    await world.send(numbers(60));
    const failing = recordingFunction(async () => {
      await sleep(20);
      throw new Error('down');
    });
    const mapping = world.map(failing, { batchSize: 1, maximumConcurrency: 8, reportBatchItemFailures });
    await until(() => mapping.stats().returned >= 20, 'the first ones have failed');
    failing.peak = 0;
    await until(() => mapping.stats().returned >= 40, 'more have failed');
    return failing.peak;
  };
  expect(await peakWhileFailing(false)).toBeLessThanOrEqual(2);
  expect(await peakWhileFailing(true)).toBeGreaterThanOrEqual(4);
});

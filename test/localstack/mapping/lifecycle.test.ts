import { EventSourceMapping } from '../../../localstack/mapping/event-source-mapping.ts';
import { until } from '../functions/world.ts';
import { scriptedQueue } from './scripted-queue.ts';
import { mappingWorld, numbers, recordingFunction, sleep } from './world.ts';

test('a disabled mapping does not poll until it is enabled, and stops when it is disabled again', async () => {
  await using world = await mappingWorld();
  await world.send(['first']);
  const lambda = recordingFunction();
  const mapping = world.map(lambda, { enabled: false });
  expect(mapping.state()).toBe('Disabled');
  expect(mapping.lastProcessingResult()).toBe('No records processed');
  await sleep(200);
  expect(world.counts()).toEqual({ waiting: 1, inFlight: 0 });
  const enabling = mapping.update({ enabled: true });
  await until(() => mapping.state() === 'Enabled', 'it polls');
  await enabling;
  await until(() => mapping.stats().deleted === 1, 'it is deleted');
  const disabling = mapping.update({ enabled: false });
  await until(() => mapping.state() === 'Disabling', 'it stops');
  await disabling;
  expect(mapping.state()).toBe('Disabled');
  await world.send(['second']);
  await sleep(300);
  expect(world.counts()).toEqual({ waiting: 1, inFlight: 0 });
  expect(lambda.batches.length).toBe(1);
});

test('stopping finishes what is in flight and leaves the rest on the queue', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(100));
  const mapping = world.map(
    recordingFunction(() => sleep(500)),
    { maximumConcurrency: 2 },
  );
  await until(() => mapping.stats().inFlightBatches === 2, 'both batches are in flight');
  await mapping.stop();
  expect(mapping.stats()).toEqual({ received: 20, deleted: 20, returned: 0, batches: 2, inFlightBatches: 0 });
  expect(world.counts()).toEqual({ waiting: 80, inFlight: 0 });
  await sleep(200);
  expect(world.counts()).toEqual({ waiting: 80, inFlight: 0 });
});

test('stopping does not wait for the window: what has been received is invoked at once', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(7));
  const lambda = recordingFunction();
  const mapping = world.map(lambda, { batchSize: 100, windowSeconds: 300 });
  await until(() => mapping.stats().received === 7, 'all are received');
  const startedAt = performance.now();
  await mapping.stop();
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(lambda.batches.map((batch) => batch.length)).toEqual([7]);
  expect(world.counts()).toEqual({ waiting: 0, inFlight: 0 });
});

test('a change while it runs takes effect for the next batches and loses nothing', async () => {
  await using world = await mappingWorld();
  await world.send(numbers(60));
  const lambda = recordingFunction(() => sleep(10));
  const mapping = world.map(lambda, { batchSize: 10, maximumConcurrency: 2 });
  await until(() => lambda.batches.length >= 2, 'the first batches run');
  await mapping.update({ batchSize: 1 });
  const before = lambda.batches.length;
  await until(() => mapping.stats().deleted === 60, 'all are deleted');
  expect(mapping.configuration.batchSize).toBe(1);
  expect(lambda.batches.slice(before).every((batch) => batch.length === 1)).toBe(true);
  expect(new Set(lambda.batches.flat().map((record) => record.body)).size).toBe(60);
  expect(lambda.batches.flat().length).toBe(60);
});

test('a change that Lambda refuses changes nothing', async () => {
  await using world = await mappingWorld();
  const mapping = world.map(recordingFunction());
  await until(() => mapping.state() === 'Enabled', 'it polls');
  await expect(mapping.update({ batchSize: 0 })).rejects.toThrow(/BatchSize 0/);
  expect(mapping.configuration.batchSize).toBe(10);
  expect(mapping.state()).toBe('Enabled');
});

test('a stop that follows an update wins', async () => {
  await using world = await mappingWorld();
  const mapping = world.map(recordingFunction());
  const updating = mapping.update({ batchSize: 2 });
  await mapping.stop();
  await updating;
  expect(mapping.state()).toBe('Disabled');
  await world.send(['later']);
  await sleep(200);
  expect(world.counts()).toEqual({ waiting: 1, inFlight: 0 });
});

test('a queue that does not answer is polled again until it does, and stopping does not wait for it', async () => {
  const queue = scriptedQueue([[{ MessageId: 'm', ReceiptHandle: 'r', Body: 'b' }]]);
  let down = true;
  queue.fault = () => {
    if (down) throw new Error('connection refused');
  };
  const log: string[] = [];
  const configuration = {
    uuid: 'u',
    queueUrl: 'http://queue.test/000000000000/jobs',
    queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
    functionArn: 'f',
    region: 'us-east-1',
    batchSize: 10,
    windowSeconds: 0,
    reportBatchItemFailures: true,
    enabled: true,
  };
  const dependencies = { sqs: queue.sqs, function: recordingFunction(), log: (line: string) => log.push(line) };
  const mapping = new EventSourceMapping(configuration, dependencies);
  mapping.start();
  await until(() => log.length === 2, 'it has tried twice');
  expect(mapping.state()).toBe('Enabling');
  expect(mapping.lastProcessingResult()).toMatch(/^PROBLEM: .*connection refused/);
  down = false;
  await until(() => mapping.stats().deleted === 1, 'the message is dealt with');
  expect(mapping.lastProcessingResult()).toBe('OK');
  down = true;
  await until(() => log.length >= 4, 'receives fail');
  const startedAt = performance.now();
  await mapping.stop();
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import type { LambdaFunction } from '../../../localstack/functions/lambda-function.ts';
import { EventSourceMapping } from '../../../localstack/mapping/event-source-mapping.ts';
import { until } from '../functions/world.ts';
import { type ScriptedMessage, scriptedQueue } from './scripted-queue.ts';
import { mappingWorld, recordingFunction, type SqsRecord, sleep } from './world.ts';

const groupOf = (record: SqsRecord): string => record.attributes.MessageGroupId ?? '';
const message = (id: string, group: string, Body = id): ScriptedMessage => ({
  MessageId: id,
  ReceiptHandle: `receipt-${id}`,
  Body,
  Attributes: { MessageGroupId: group },
});

/** A mapping of a FIFO queue whose receives are scripted: what a queue brings only now and then. */
function mapScripted(queue: ReturnType<typeof scriptedQueue>, lambda: object): EventSourceMapping {
  const mapping = new EventSourceMapping(
    {
      uuid: 'u',
      queueUrl: 'http://queue.test/000000000000/jobs.fifo',
      queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs.fifo',
      functionArn: 'f',
      region: 'us-east-1',
      batchSize: 10,
      windowSeconds: 0,
      reportBatchItemFailures: true,
      enabled: true,
    },
    { sqs: queue.sqs, function: lambda as LambdaFunction, log: () => {} },
  );
  mapping.start();
  return mapping;
}

test('a group is never in two batches at the same time, keeps its order, and other groups go on meanwhile', async () => {
  await using world = await mappingWorld({ fifo: true });
  const bodies = Array.from({ length: 30 }, (_, n) => `${'abc'[n % 3]}${Math.floor(n / 3)}`);
  await world.send(bodies, (body) => ({ MessageGroupId: body[0] }));
  const running = new Set<string>();
  const overlaps: string[] = [];
  const lambda = recordingFunction(async (records) => {
    const groups = [...new Set(records.map(groupOf))];
    overlaps.push(...groups.filter((group) => running.has(group)));
    for (const group of groups) running.add(group);
    await sleep(groups.includes('a') ? 40 : 5);
    for (const group of groups) running.delete(group);
  });
  const mapping = world.map(lambda, { maximumConcurrency: 5 });
  await until(() => mapping.stats().deleted === 30, 'all are deleted');
  expect(overlaps).toEqual([]);
  const records = lambda.batches.flat();
  for (const group of 'abc') {
    const order = records.filter((record) => groupOf(record) === group).map((record) => record.body);
    expect(order).toEqual(bodies.filter((body) => body[0] === group));
  }
});

test('one batch mixes groups and never holds more than ten records', async () => {
  await using world = await mappingWorld({ fifo: true });
  const bodies = Array.from({ length: 25 }, (_, n) => `g${n}`);
  await world.send(bodies, (body) => ({ MessageGroupId: body }));
  const lambda = recordingFunction();
  const mapping = world.map(lambda);
  await until(() => mapping.stats().deleted === 25, 'all are deleted');
  expect(Math.max(...lambda.batches.map((batch) => batch.length))).toBe(10);
  expect(new Set(lambda.batches[0]?.map(groupOf)).size).toBe(10);
});

test('several messages of a group arrive in one batch in their order', async () => {
  const queue = scriptedQueue([[message('1', 'a'), message('2', 'b'), message('3', 'a')]]);
  const lambda = recordingFunction();
  const mapping = mapScripted(queue, lambda);
  await until(() => mapping.stats().deleted === 3, 'all are deleted');
  await mapping.stop();
  expect(lambda.batches.map((batch) => batch.map((record) => record.messageId))).toEqual([['1', '2', '3']]);
});

test('a message whose group is still in a batch waits for the end of that batch', async () => {
  const queue = scriptedQueue([[message('1', 'a')], [message('2', 'a'), message('3', 'b')]]);
  const others = Promise.withResolvers<void>();
  const lambda = recordingFunction((records) => {
    if (records[0]?.messageId === '3') others.resolve();
    return records[0]?.messageId === '1' ? others.promise : undefined;
  });
  const mapping = mapScripted(queue, lambda);
  await until(() => mapping.stats().deleted === 3, 'all are deleted');
  await mapping.stop();
  expect(lambda.batches.map((batch) => batch.map((record) => record.messageId))).toEqual([['1'], ['3'], ['2']]);
  expect(mapping.stats().returned).toBe(0);
});

test('ten messages of a group are one batch', async () => {
  await using world = await mappingWorld({ fifo: true });
  const bodies = Array.from({ length: 10 }, (_, n) => `a${n}`);
  await world.send(bodies, () => ({ MessageGroupId: 'a' }));
  const lambda = recordingFunction();
  const mapping = world.map(lambda);
  await until(() => mapping.stats().deleted === 10, 'all are deleted');
  expect(lambda.batches.map((batch) => batch.map((record) => record.body))).toEqual([bodies]);
});

test('with one receive allowed no message of a busy group ends in the DLQ unseen', async () => {
  await using world = await mappingWorld({ fifo: true, visibilitySeconds: 1, maxReceiveCount: 1 });
  const bodies = Array.from({ length: 60 }, (_, n) => `${'ab'[n % 2]}${n}`);
  await world.send(bodies, (body) => ({ MessageGroupId: body[0] }));
  const lambda = recordingFunction();
  const mapping = world.map(lambda, { batchSize: 1 });
  await until(() => mapping.stats().deleted + world.counts('dead.fifo').waiting === 60, 'all have left the queue');
  expect(world.counts('dead.fifo')).toEqual({ waiting: 0, inFlight: 0 });
  expect(lambda.batches.flat()).toHaveLength(60);
});

test('what a batch reports of a group comes back in order, before what is new, and other groups go on', async () => {
  await using world = await mappingWorld({ fifo: true, visibilitySeconds: 1 });
  await world.send(['a1', 'a2', 'a3', 'a4', 'b1'], (body) => ({ MessageGroupId: body[0] }));
  const failing = new Set(['a2']);
  const lambda = recordingFunction((records) => {
    const first = records.findIndex((record) => failing.delete(record.body));
    const failed = first < 0 ? [] : records.slice(first).filter((record) => groupOf(record) === 'a');
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
  });
  const mapping = world.map(lambda);
  await until(() => mapping.stats().deleted === 2, 'what was not reported is deleted');
  await world.send(['a5', 'b2'], (body) => ({ MessageGroupId: body[0] }));
  await until(() => mapping.stats().deleted === 7, 'all are deleted');
  const seen = lambda.batches.flat().map((record) => record.body);
  expect(seen.filter((body) => body[0] === 'a')).toEqual(['a1', 'a2', 'a3', 'a4', 'a2', 'a3', 'a4', 'a5']);
  expect(seen.filter((body) => body[0] === 'b')).toEqual(['b1', 'b2']);
});

test('whatever fails, each group is done in its order, in one batch at a time, and nothing is lost', async () => {
  const letters = fc.array(fc.constantFrom(...'abc'), { minLength: 1, maxLength: 40 });
  const failures = fc.array(fc.nat(39), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(letters, failures, fc.integer({ min: 1, max: 10 }), async (groups, failing, batchSize) => {
      await using world = await mappingWorld({ fifo: true, maxReceiveCount: 1000 });
      const bodies = groups.map((group, n) => `${group}${n}`);
      const left = failing.map((n) => bodies[n]);
      const running = new Set<string>();
      const overlaps: string[] = [];
      const done: string[] = [];
      const lambda = recordingFunction(async (records) => {
        const mine = new Set(records.map(groupOf));
        overlaps.push(...[...mine].filter((group) => running.has(group)));
        for (const group of mine) running.add(group);
        const stopped = new Set<string>();
        const failed = records.filter((record) => {
          const at = left.indexOf(record.body);
          if (stopped.has(groupOf(record))) return true;
          if (at < 0) return false;
          left.splice(at, 1);
          stopped.add(groupOf(record));
          return true;
        });
        done.push(...records.filter((record) => !failed.includes(record)).map((record) => record.body));
        for (const { receiptHandle: ReceiptHandle } of failed) {
          const input = { QueueUrl: world.queueUrl, ReceiptHandle, VisibilityTimeout: 0 };
          await world.sqs.send(new ChangeMessageVisibilityCommand(input));
        }
        for (const group of mine) running.delete(group);
        return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
      });
      await world.send(bodies, (body) => ({ MessageGroupId: body[0] }));
      const mapping = world.map(lambda, { batchSize });
      await until(() => mapping.stats().deleted === bodies.length, 'all are deleted');
      expect(overlaps).toEqual([]);
      for (const group of 'abc') {
        const ofGroup = (body: string) => body[0] === group;
        expect(done.filter(ofGroup)).toEqual(bodies.filter(ofGroup));
      }
    }),
    { numRuns: 12 },
  );
}, 120_000);

test('a receive over 6 MB is split without a group overtaking itself, also past a failure', async () => {
  const megabyte = 'x'.repeat(1_000_000);
  const ids = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
  const queue = scriptedQueue([ids.map((id) => message(id, Number(id) % 2 ? 'odd' : 'even', megabyte))]);
  const lambda = recordingFunction(async (records) => {
    await sleep(50);
    const failed = records.filter((record) => record.messageId === '5');
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
  });
  const mapping = mapScripted(queue, lambda);
  await until(() => mapping.stats().inFlightBatches === 0 && mapping.stats().batches === 2, 'both parts are done');
  await mapping.stop();
  expect(lambda.peak).toBe(1);
  expect(lambda.batches.map((batch) => batch.map((record) => record.messageId).join(''))).toEqual(['123456', '8']);
  expect(queue.deleted).toEqual(['1', '2', '3', '4', '6', '8'].map((id) => `receipt-${id}`));
  expect(mapping.stats()).toMatchObject({ deleted: 6, returned: 3 });
});

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

/** A mapping of a FIFO queue whose receives are scripted: fauxqs hands out one message of a group at a time only. */
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

test('a failed message comes back before the later ones of its group; the other groups are not held up', async () => {
  await using world = await mappingWorld({ fifo: true, visibilitySeconds: 1 });
  await world.send(['a1', 'a2', 'b1', 'b2'], (body) => ({ MessageGroupId: body[0] }));
  const failures = new Set(['a1']);
  const done: string[] = [];
  const lambda = recordingFunction((records) => {
    const failed = records.filter((record) => failures.delete(record.body));
    done.push(...records.filter((record) => !failed.includes(record)).map((record) => record.body));
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
  });
  const mapping = world.map(lambda);
  await until(() => mapping.stats().deleted === 4, 'all are deleted');
  expect(done).toEqual(['b1', 'b2', 'a1', 'a2']);
});

test('several messages of a group arrive in one batch in their order', async () => {
  const queue = scriptedQueue([[message('1', 'a'), message('2', 'b'), message('3', 'a')]]);
  const lambda = recordingFunction();
  const mapping = mapScripted(queue, lambda);
  await until(() => mapping.stats().deleted === 3, 'all are deleted');
  await mapping.stop();
  expect(lambda.batches.map((batch) => batch.map((record) => record.messageId))).toEqual([['1', '2', '3']]);
});

test('a message whose group is still in a batch is left to its visibility timeout', async () => {
  const queue = scriptedQueue([[message('1', 'a')], [message('2', 'a'), message('3', 'b')]]);
  const lambda = recordingFunction((records) => sleep(records[0]?.messageId === '1' ? 300 : 0));
  const mapping = mapScripted(queue, lambda);
  await until(() => mapping.stats().deleted === 2, 'what can run has run');
  await mapping.stop();
  expect(lambda.batches.map((batch) => batch.map((record) => record.messageId))).toEqual([['1'], ['3']]);
  expect(queue.deleted.sort()).toEqual(['receipt-1', 'receipt-3']);
  expect(mapping.stats().returned).toBe(1);
});

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

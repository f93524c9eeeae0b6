import { readBatchResponse } from '../../../localstack/mapping/batch-response.ts';
import { until } from '../functions/world.ts';
import { mappingWorld, numbers, recordingFunction } from './world.ts';

const ids = new Set(['a', 'b', 'c']);

describe('complete success', () => {
  test.each([
    ['an empty list', '{"batchItemFailures":[]}'],
    ['a null list', '{"batchItemFailures":null}'],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['no response', ''],
    ['an object about something else', '{"statusCode":200}'],
  ])('%s', (_, payload) => {
    expect(readBatchResponse(payload, ids)).toEqual({ failed: new Set() });
  });
});

describe('the named records failed', () => {
  test('one, several, and one named twice', () => {
    const answer = { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'c' }, { itemIdentifier: 'a' }] };
    expect(readBatchResponse(JSON.stringify(answer), ids)).toEqual({ failed: new Set(['a', 'c']) });
  });
});

describe('the whole batch failed', () => {
  test.each([
    ['invalid JSON', '{"batchItemFailures":['],
    ['an empty itemIdentifier', '{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":""}]}'],
    ['a null itemIdentifier', '{"batchItemFailures":[{"itemIdentifier":null}]}'],
    ['a wrong key', '{"batchItemFailures":[{"itemIdentifer":"a"}]}'],
    ['an unknown message id', '{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}'],
    ['an itemIdentifier that is no string', '{"batchItemFailures":[{"itemIdentifier":1}]}'],
    ['a list of bare ids', '{"batchItemFailures":["a"]}'],
    ['a null item', '{"batchItemFailures":[null]}'],
    ['batchItemFailures that is no list', '{"batchItemFailures":{"itemIdentifier":"a"}}'],
    ['a string', '"ok"'],
    ['a list', '[]'],
  ])('%s', (_, payload) => {
    expect(readBatchResponse(payload, ids)).toMatchObject({ failed: 'all', reason: expect.any(String) });
  });
});

describe('on the queue', () => {
  test('only what failed stays, invisible until its visibility timeout, and is then delivered again', async () => {
    await using world = await mappingWorld({ visibilitySeconds: 1 });
    await world.send(numbers(10));
    const failing = new Set(['2', '5']);
    const lambda = recordingFunction((records) => ({
      batchItemFailures: records.filter((r) => failing.has(r.body)).map((r) => ({ itemIdentifier: r.messageId })),
    }));
    const mapping = world.map(lambda);
    await until(() => mapping.stats().deleted === 8, 'the others are deleted');
    expect(world.counts()).toEqual({ waiting: 0, inFlight: 2 });
    expect(mapping.stats().returned).toBe(2);
    const failedAt = Date.now();
    failing.clear();
    await until(() => mapping.stats().deleted === 10, 'the failed ones are deleted too');
    expect(Date.now() - failedAt).toBeGreaterThan(600);
    const redelivered = lambda.batches.flat().slice(10);
    expect(redelivered.map((record) => record.body).sort()).toEqual(['2', '5']);
    expect(redelivered.map((record) => record.attributes.ApproximateReceiveCount)).toEqual(['2', '2']);
  });

  test.each([
    ['an unknown id', () => ({ batchItemFailures: [{ itemIdentifier: 'unknown' }] })],
    ['a function error', () => Promise.reject(new Error('boom'))],
  ])('%s leaves every message there', async (_, handle) => {
    await using world = await mappingWorld();
    await world.send(numbers(5));
    const mapping = world.map(recordingFunction(handle), { batchSize: 10 });
    await until(() => mapping.stats().returned === 5, 'the batch has failed');
    expect(world.counts()).toEqual({ waiting: 0, inFlight: 5 });
    expect(mapping.stats().deleted).toBe(0);
    expect(mapping.lastProcessingResult()).toBe('PROBLEM: Function call failed');
  });

  test('without ReportBatchItemFailures an answer deletes all, whatever it says', async () => {
    await using world = await mappingWorld();
    await world.send(numbers(5));
    const lambda = recordingFunction((records) => ({ batchItemFailures: [{ itemIdentifier: records[0]?.messageId }] }));
    const mapping = world.map(lambda, { reportBatchItemFailures: false });
    await until(() => mapping.stats().deleted === 5, 'all are deleted');
    expect(world.counts()).toEqual({ waiting: 0, inFlight: 0 });
  });

  test('without ReportBatchItemFailures an error returns all', async () => {
    await using world = await mappingWorld();
    await world.send(numbers(5));
    const mapping = world.map(
      recordingFunction(() => Promise.reject(new Error('boom'))),
      {
        reportBatchItemFailures: false,
      },
    );
    await until(() => mapping.stats().returned === 5, 'the batch has failed');
    expect(mapping.stats().deleted).toBe(0);
    expect(world.counts()).toEqual({ waiting: 0, inFlight: 5 });
  });

  test('a message that fails for the last permitted time is moved to the DLQ by the queue, its neighbours are not', async () => {
    await using world = await mappingWorld({ visibilitySeconds: 1, maxReceiveCount: 2 });
    await world.send(['good', 'poison', 'fine']);
    const lambda = recordingFunction((records) => ({
      batchItemFailures: records.filter((r) => r.body === 'poison').map((r) => ({ itemIdentifier: r.messageId })),
    }));
    const mapping = world.map(lambda);
    await until(() => world.counts('dead').waiting === 1, 'it is in the DLQ');
    expect((await world.receive('dead')).map((message) => message.Body)).toEqual(['poison']);
    expect(lambda.batches.flat().filter((record) => record.body === 'poison').length).toBe(2);
    expect(world.counts()).toEqual({ waiting: 0, inFlight: 0 });
    expect(mapping.stats().deleted).toBe(2);
  });
});

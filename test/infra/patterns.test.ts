import { expect, test } from '@jest/globals';
import { mergePatterns } from '../../infra/patterns.js';

const own = { queues: { jobs: { timeout: 30 } }, tables: { results: { name: 'results', partitionKey: 'JobID' } } };

test('a pattern adds its queues, tables and topics to those of serverless.yml', () => {
  const processed = { name: 'processed', partitionKey: 'message_id' };
  expect(
    mergePatterns(own, [{ queues: { entries: null }, tables: { processed } }, { topics: { orders: {} } }]),
  ).toEqual({
    queues: { jobs: { timeout: 30 }, entries: null },
    tables: { results: own.tables.results, processed },
    topics: { orders: {} },
  });
});

test('without patterns there is what serverless.yml itself declares', () => {
  expect(mergePatterns(own, [])).toEqual({ ...own, topics: {} });
  expect(mergePatterns({}, [null])).toEqual({ queues: {}, tables: {}, topics: {} });
});

test.each([
  ['no list', { queues: {} }, 'custom.patterns must be a list'],
  ['another key', [{ queue: {} }], 'custom.patterns[0].queue: a pattern has queues, tables, topics, and nothing else'],
  ['a name twice', [{}, { queues: { jobs: {} } }], 'custom.patterns[1].queues.jobs: this name is declared twice'],
])('%s is refused', (_, patterns, message) => {
  expect(() => mergePatterns(own, patterns)).toThrow(message);
});

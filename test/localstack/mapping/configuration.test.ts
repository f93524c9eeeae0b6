import { checkMapping, checkVisibility, InvalidMappingError } from '../../../localstack/mapping/configuration.ts';

const standard = {
  uuid: 'u',
  queueUrl: 'http://127.0.0.1/000000000000/jobs',
  queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:jobs',
  region: 'us-east-1',
  batchSize: 10,
  windowSeconds: 0,
  reportBatchItemFailures: true,
  enabled: true,
};
const fifo = { ...standard, queueArn: `${standard.queueArn}.fifo` };

test.each([
  ['batch size 1', standard, { batchSize: 1 }],
  ['batch size 10 without a window', standard, {}],
  ['batch size 11 with a window', standard, { batchSize: 11, windowSeconds: 1 }],
  ['batch size 10,000 and window 300', standard, { batchSize: 10_000, windowSeconds: 300 }],
  ['concurrency 2', standard, { maximumConcurrency: 2 }],
  ['concurrency 1000', standard, { maximumConcurrency: 1000 }],
  ['batch size 10 on FIFO', fifo, {}],
])('accepted: %s', (_, base, changes) => {
  expect(() => checkMapping({ ...base, ...changes })).not.toThrow();
});

test.each([
  ['batch size 0', standard, { batchSize: 0 }, /BatchSize 0/],
  ['batch size 2.5', standard, { batchSize: 2.5 }, /BatchSize 2.5/],
  ['batch size 10,001', standard, { batchSize: 10_001, windowSeconds: 1 }, /from 1 to 10000/],
  ['batch size 11 without a window', standard, { batchSize: 11 }, /at least 1 for BatchSize 11/],
  ['window 301', standard, { windowSeconds: 301 }, /0 to 300/],
  ['concurrency 1', standard, { maximumConcurrency: 1 }, /2 to 1000/],
  ['concurrency 1001', standard, { maximumConcurrency: 1001 }, /2 to 1000/],
  ['batch size 11 on FIFO', fifo, { batchSize: 11 }, /from 1 to 10 for a FIFO queue/],
  ['a window on FIFO', fifo, { windowSeconds: 1 }, /not supported for FIFO/],
  ['two problems at once', standard, { batchSize: 0, maximumConcurrency: 1 }, /BatchSize.*; .*MaximumConcurrency/],
])('refused: %s', (_, base, changes, message) => {
  expect(() => checkMapping({ ...base, ...changes })).toThrow(InvalidMappingError);
  expect(() => checkMapping({ ...base, ...changes })).toThrow(message);
});

test('a function timeout above the visibility timeout is refused, an equal one is not', () => {
  expect(() => checkVisibility({ functionTimeout: 30, visibilityTimeout: 30 })).not.toThrow();
  expect(() => checkVisibility({ functionTimeout: 31, visibilityTimeout: 30 })).toThrow(InvalidMappingError);
});

import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import { sqsEvent } from '../../../src/middleware/batch/sqs-event.ts';

const record = { eventSource: 'aws:sqs', messageId: 'm', body: '{}' };
const invoke = middy({ timeoutEarlyInMillis: 0 })
  .use(sqsPartialBatchFailure({ logger: () => {} }) as middy.MiddlewareObj)
  .use(sqsEvent())
  .handler((async (event: { Records: unknown[] }) =>
    event.Records.map(() => ({ status: 'fulfilled' }))) as never) as unknown as (
  event: unknown,
  context: object,
) => Promise<unknown>;

test.each<[string, unknown, RegExp]>([
  ['no Records', {}, /no "Records" list/],
  ['a scheduled event', { source: 'aws.events' }, /no "Records" list/],
  ['an empty batch', { Records: [] }, /the batch is empty/],
  [
    'more records than SQS hands out',
    { Records: Array(10_001).fill(record) },
    /10001 records, and SQS hands out at most 10000/,
  ],
  ['an SNS event', { Records: [{ EventSource: 'aws:sns' }] }, /Records\[0\] is from undefined, not from "aws:sqs"/],
  [
    'an event from elsewhere',
    { Records: [{ eventSource: 'aws:s3' }] },
    /Records\[0\] is from "aws:s3", not from "aws:sqs"/,
  ],
  ['an event from nowhere known', { Records: [{ eventSource: { a: 1 } }] }, /is from object, not from "aws:sqs"/],
  ['a long source', { Records: [{ eventSource: 'x'.repeat(1e6) }] }, /is from "x{100}…" \(1000000 characters\), not/],
  [
    'a record without an id',
    { Records: [record, { ...record, messageId: undefined }] },
    /Records\[1\] has no "messageId"/,
  ],
  ['a record with an empty id', { Records: [{ ...record, messageId: '' }] }, /Records\[0\] has no "messageId"/],
  ['a record without a body', { Records: [{ ...record, body: undefined }] }, /Records\[0\] has no "body"/],
  ['a record that is null', { Records: [null] }, /Records\[0\] is no object/],
])('%s fails the invocation with a clear error, never as a silent success', async (_name, event, message) => {
  await expect(invoke(event, {})).rejects.toThrow(message);
});

test.each([1, 10_000])('%d records are taken', async (count) => {
  expect(await invoke({ Records: Array(count).fill(record) }, {})).toEqual({ batchItemFailures: [] });
});

import { eventPayload, toRecord } from '../../../localstack/mapping/record.ts';
import { until } from '../functions/world.ts';
import { mappingWorld, recordingFunction } from './world.ts';

test('a record of a standard queue has exactly the fields that Lambda sends', async () => {
  await using world = await mappingWorld();
  await world.send(['{"job_id":"ä"}'], () => ({
    MessageAttributes: {
      source: { DataType: 'String', StringValue: 'web' },
      size: { DataType: 'Number.int', StringValue: '7' },
      blob: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 16]) },
    },
  }));
  const lambda = recordingFunction();
  world.map(lambda);
  await until(() => lambda.batches.length === 1, 'it is delivered');
  expect(lambda.batches[0]).toEqual([
    {
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: '{"job_id":"ä"}',
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      awsRegion: 'us-east-1',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: expect.any(String),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
      },
      messageAttributes: {
        source: { stringValue: 'web', stringListValues: [], binaryListValues: [], dataType: 'String' },
        size: { stringValue: '7', stringListValues: [], binaryListValues: [], dataType: 'Number.int' },
        blob: { binaryValue: 'AP8Q', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
      },
    },
  ]);
});

test('a record without message attributes has an empty object and no checksum of them', async () => {
  await using world = await mappingWorld();
  await world.send(['plain']);
  const lambda = recordingFunction();
  world.map(lambda);
  await until(() => lambda.batches.length === 1, 'it is delivered');
  expect(lambda.batches[0]?.[0]).toMatchObject({ messageAttributes: {} });
  expect(lambda.batches[0]?.[0]).not.toHaveProperty('md5OfMessageAttributes');
});

test('a record of a FIFO queue names its group, deduplication id and sequence number', async () => {
  await using world = await mappingWorld({ fifo: true });
  await world.send(['one'], () => ({ MessageGroupId: 'customer-1', MessageDeduplicationId: 'once' }));
  const lambda = recordingFunction();
  world.map(lambda);
  await until(() => lambda.batches.length === 1, 'it is delivered');
  expect(lambda.batches[0]?.[0]?.attributes).toMatchObject({
    MessageGroupId: 'customer-1',
    MessageDeduplicationId: 'once',
    SequenceNumber: expect.stringMatching(/^\d{20}$/),
  });
});

test('the trace header and the group of a fair queue pass into the attributes', () => {
  const attributes = { AWSTraceHeader: 'Root=1-2-3', MessageGroupId: 'tenant-1', ApproximateReceiveCount: '1' };
  const record = toRecord(
    { MessageId: 'm', ReceiptHandle: 'r', Body: 'b', Attributes: attributes },
    { queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs', region: 'us-east-1' },
    0,
  );
  expect(record.groupId).toBe('tenant-1');
  expect(JSON.parse(eventPayload([record, record])).Records[1].attributes).toEqual(attributes);
});

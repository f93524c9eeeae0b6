import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';

const TEMPLATE = '.sluice/test/cloudformation-template-update-stack.json';
const NAME = 'sluice-test-entries';

let cloud: Cloud;
let lines: string[];
beforeEach(async () => {
  lines = [];
  const onLog = (line: string, name: string) => name === NAME && lines.push(line);
  cloud = await startCloud({ template: TEMPLATE, port: 0, onLog });
});
afterEach(() => cloud.close());

const client = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

async function send(id: string, account: string, amount: number) {
  const QueueUrl = `${cloud.endpoint}/000000000000/${NAME}.fifo`;
  const MessageBody = JSON.stringify({ message_id: id, account_id: account, amount });
  const ids = { MessageGroupId: account, MessageDeduplicationId: id };
  await new SQSClient(client()).send(new SendMessageCommand({ QueueUrl, MessageBody, ...ids }));
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(100);
  }
}

test('entries as producers send them are booked once each, by the processed_messages contract, and what cannot be booked is parked', async () => {
  await send('e-1', 'a', 10);
  await send('e-2', 'a', 0);
  await send('e-3', 'a', -2.5);
  await send('e-4', 'b', 1);
  const items = await until(async () => {
    const request = new ScanCommand({ TableName: 'processed_messages-test', ConsistentRead: true });
    const { Items = [] } = await new DynamoDBClient(client()).send(request);
    return Items.length >= 3 ? Items : undefined;
  });
  expect(items.map(({ message_id }) => message_id?.S).sort()).toEqual(['e-1', 'e-3', 'e-4']);
  for (const { processed_at, ttl } of items) {
    expect(Math.abs(Number(processed_at?.N) - Date.now() / 1000)).toBeLessThan(300);
    expect(Math.abs(Number(ttl?.N) - Number(processed_at?.N) - 86_400)).toBeLessThan(2);
  }
  const letter = await until(async () => {
    const request = {
      QueueUrl: `${cloud.endpoint}/000000000000/${NAME}-dlq.fifo`,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All' as const],
    };
    return (await new SQSClient(client()).send(new ReceiveMessageCommand(request))).Messages?.[0];
  });
  expect(letter.Attributes).toMatchObject({ MessageGroupId: 'a', MessageDeduplicationId: 'e-2' });
  expect(JSON.parse(letter.MessageAttributes?.DeadLetterReason?.StringValue ?? '')).toMatchObject({
    jobId: 'e-2',
    type: 'entry',
    message: 'an entry of 0 books nothing',
  });
  const logged = lines
    .filter((line) => line.startsWith('{') && !line.includes('"_aws"'))
    .map((line) => JSON.parse(line));
  for (const action of ['message_received', 'dynamodb_save', 'sqs_delete_message']) {
    expect(logged.filter((line) => line.action === action).length).toBeGreaterThanOrEqual(3);
  }
  expect(logged.find(({ action }) => action === 'message_received')).toMatchObject({
    trace_id: expect.any(String),
    status: 'info',
    details: { queue_name: `${NAME}.fifo` },
    timestamp: expect.stringMatching(/Z$/),
  });
});

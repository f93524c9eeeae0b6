import { setTimeout as delay } from 'node:timers/promises';
import { DeleteTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, type CloudOptions, startCloud } from '../../localstack/cloud.ts';

const TEMPLATE = '.sluice/test/cloudformation-template-update-stack.json';
const NAME = 'sluice-test-jobs';

let cloud: Cloud;
let lines: string[];

async function start(options: Partial<CloudOptions> = {}) {
  lines = [];
  cloud = await startCloud({
    template: TEMPLATE,
    port: 0,
    onLog: (line, name) => name === NAME && lines.push(line),
    ...options,
  });
}

afterEach(() => cloud.close());

const client = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const queueUrl = () => `${cloud.endpoint}/000000000000/${NAME}`;

async function invoke(event: unknown) {
  const answer = await new LambdaClient(client()).send(
    new InvokeCommand({ FunctionName: NAME, Payload: JSON.stringify(event) }),
  );
  return { error: answer.FunctionError, payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) };
}

/** The JSON lines of one action. */
const logged = (action: string) =>
  lines
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter((line) => line.action === action);

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 100; i++) {
    const found = await look();
    if (found) return found;
    await delay(100);
  }
  throw new Error('waited for 10 s in vain');
}

const record = (body: string, messageId = 'm-1') => ({
  messageId,
  receiptHandle: 'not-a-handle',
  body,
  attributes: {
    ApproximateReceiveCount: '1',
    SentTimestamp: '0',
    SenderId: 'x',
    ApproximateFirstReceiveTimestamp: '0',
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${NAME}`,
  awsRegion: 'us-east-1',
});

test('from the queue to the table, and garbage to the dead-letter queue, through the deployed bundle', async () => {
  await start();
  const sqs = new SQSClient(client());
  await sqs.send(
    new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody: '{"job_id": "some-job-id", "value": 42}' }),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody: 'garbage' }));
  const Key = { JobID: { S: 'some-job-id' } };
  const item = await until(async () => {
    const { Item } = await new DynamoDBClient(client()).send(
      new GetItemCommand({ TableName: 'job-results-outbox-v1-test', Key }),
    );
    return Item;
  });
  expect(item.Result).toEqual({ N: '126' });
  const letter = await until(async () => {
    const request = { QueueUrl: `${queueUrl()}-dlq`, MessageAttributeNames: ['All'] };
    return (await sqs.send(new ReceiveMessageCommand(request))).Messages?.[0];
  });
  expect(letter.Body).toBe('garbage');
  expect(JSON.parse(letter.MessageAttributes?.DeadLetterReason?.StringValue ?? '')).toMatchObject({
    errorClass: 'InvalidJob',
    message: expect.stringContaining('not JSON'),
    functionName: NAME,
    functionVersion: '$LATEST',
  });
});

test('one line and one metrics document for an invocation, in the shapes that dashboards read', async () => {
  await start();
  const { payload } = await invoke({
    Records: [record('{"job_id":"a","value":1}'), record('{"job_id":"a","value":1}', 'm-2'), record('x', 'm-3')],
  });
  expect(payload).toEqual({ batchItemFailures: [] });
  const [line, ...more] = logged('batch_processed');
  expect(more).toEqual([]);
  expect(line).toMatchObject({
    status: 'success',
    trace_id: expect.any(String),
    timestamp: expect.stringMatching(/Z$/),
    details: { records: 3, acknowledged: 3, verdicts: { done: 1, duplicate: 1, dead: 1 } },
  });
  const documents = lines.filter((text) => text.includes('"_aws"')).map((text) => JSON.parse(text));
  expect(documents).toHaveLength(1);
  expect(documents[0]).toMatchObject({
    stage: 'test',
    MessagesReceived: 3,
    MessagesSaved: 1,
    DuplicateMessages: 1,
    InvalidMessages: 1,
    MessagesDeadLettered: 1,
    MessagesDeleted: 3,
  });
  expect([documents[0].JobDuration].flat()).toHaveLength(2);
});

test('payloads are not logged, ids and reasons are', async () => {
  await start();
  await invoke({ Records: [record('{"job_id":"a","value":"secret-value"}')] });
  expect(lines.join('\n')).not.toContain('secret-value');
  expect(logged('job_dead_lettered')).toMatchObject([
    { status: 'error', details: { jobId: 'a', errorClass: 'InvalidJob' } },
  ]);
});

test('each job logs its start and its result with its worker slot when LOG_LEVEL is DEBUG', async () => {
  await start({ environment: { [NAME]: { LOG_LEVEL: 'DEBUG' } } });
  await invoke({ Records: [record('{"job_id":"a","value":1}')] });
  expect(logged('job_started')).toMatchObject([{ details: { jobId: 'a', slot: 1 } }]);
  expect(logged('dynamodb_save')).toMatchObject([{ status: 'success', details: { jobId: 'a', slot: 1 } }]);
});

test.each<[string, unknown, RegExp]>([
  ['an event that is not from SQS', { source: 'aws.events' }, /no "Records" list.*see events\//],
  ['an empty batch', { Records: [] }, /the batch is empty/],
])('%s fails the invocation with a clear error', async (_name, event, message) => {
  await start();
  const { error, payload } = await invoke(event);
  expect(error).toBe('Unhandled');
  expect(payload.errorMessage).toMatch(message);
});

test('a cold start with missing and invalid variables says all of them at once', async () => {
  await start({
    environment: { [NAME]: { DLQ_URL: '', WORKER_CONCURRENCY: '0', WEBHOOK_PRIVATE_ADDRESSES: 'maybe' } },
  });
  const { error, payload } = await invoke({ Records: [record('{}')] });
  expect(error).toBe('Unhandled');
  for (const name of [
    'DLQ_URL is not set',
    'WORKER_CONCURRENCY must be',
    'WEBHOOK_PRIVATE_ADDRESSES must be one of refuse, allow',
  ]) {
    expect(payload.errorMessage).toContain(name);
  }
});

test('what the deployed bundle sends is part of a trace, and of no loop that Lambda could end', async () => {
  await start();
  const root = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  const traced = record('garbage with a trace', 'm-2');
  Object.assign(traced.attributes, { AWSTraceHeader: `${root};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:15` });
  await invoke({ Records: [record('garbage'), traced] });
  const sqs = new SQSClient(client());
  const traces = new Map<string, string | undefined>();
  await until(async () => {
    const command = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['AWSTraceHeader' as const] };
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl: `${queueUrl()}-dlq`, ...command }));
    for (const { Body = '', Attributes } of received.Messages ?? []) traces.set(Body, Attributes?.AWSTraceHeader);
    return traces.size === 2 || undefined;
  });
  expect(traces.get('garbage with a trace')).toBe(`${root};Parent=53995c3f42cd8ad8;Sampled=1`);
  expect(traces.get('garbage')).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
});

test('the tenants of a batch are logged and counted, and no metric has a tenant as its dimension', async () => {
  await start();
  const of = (tenant: string | undefined, body: string, id: string) => {
    const each = record(body, id);
    return tenant === undefined ? each : { ...each, attributes: { ...each.attributes, MessageGroupId: tenant } };
  };
  const noisy = [1, 2, 3].map((n) => of('noisy', `{"job_id":"n${n}","value":1}`, `m-${n}`));
  await invoke({ Records: [...noisy, of('quiet', 'garbage', 'm-4'), of(undefined, 'garbage', 'm-5')] });
  expect(logged('batch_processed')).toMatchObject([
    { details: { groups: { messages: 4, distinct: 2, largest: { id: 'noisy', messages: 3 } } } },
  ]);
  const dead = logged('job_dead_lettered').map(({ details }) => [details.messageId, details.group]);
  expect(dead.sort()).toEqual([
    ['m-4', 'quiet'],
    ['m-5', undefined],
  ]);
  const metrics = lines.filter((line) => line.includes('"_aws"'));
  expect(metrics.map((line) => JSON.parse(line))).toMatchObject([
    { GroupedMessages: 4, MessageGroups: 2, LargestMessageGroup: 3 },
  ]);
  expect(metrics.join()).not.toMatch(/noisy|quiet/);
});

test('a table that does not exist is no fault of the jobs: they come back, and no flood of dead letters follows', async () => {
  await start();
  await new DynamoDBClient(client()).send(new DeleteTableCommand({ TableName: 'job-results-outbox-v1-test' }));
  const { payload } = await invoke({ Records: [record('{"job_id":"a","value":1}'), record('garbage', 'm-2')] });
  expect(payload).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
  const [{ details }] = logged('batch_processed') as [{ details: { deferrals: Record<string, number> } }];
  const [[why, count]] = Object.entries(details.deferrals) as [[string, number]];
  expect(why).toMatch(/the results table cannot be used: .*ResourceNotFound/);
  expect(count).toBe(1);
});

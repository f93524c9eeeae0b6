import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import type { Permission } from '../../localstack/permissions/policy.ts';
import { eventually } from '../localstack/cloud-under-test.ts';

const PACKAGE = '.sluice/test';
const TEMPLATE = 'cloudformation-template-update-stack.json';
const JOBS = 'sluice-test-jobs';
const DELIVERIES = 'sluice-test-deliveries';
const DOCUMENTS = 'sluice-test-documents';
const ENTRIES = 'sluice-test-entries';

const WEBHOOKS = { WEBHOOK_ALLOWED_HOSTS: 'http://127.0.0.1:*', WEBHOOK_PRIVATE_ADDRESSES: 'allow' };

let receiver: Server;
let cloud: Cloud;
let lines: string[];

/** Answers what the path says: `/503` is a 503. */
beforeAll(async () => {
  receiver = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(Number(request.url?.slice(1))).end());
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterAll(() => receiver.close());
afterEach(() => cloud.close());

async function start({ template = path.join(PACKAGE, TEMPLATE), enforcePermissions = true } = {}) {
  lines = [];
  cloud = await startCloud({
    template,
    port: 0,
    enforcePermissions,
    environment: { [JOBS]: WEBHOOKS, [DELIVERIES]: WEBHOOKS },
    onLog: (line) => lines.push(line),
  });
}

const client = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const queueUrl = (name: string) => `${cloud.endpoint}/000000000000/${name}`;
const send = (MessageBody: string, queue = JOBS) =>
  new SQSClient(client()).send(new SendMessageCommand({ QueueUrl: queueUrl(queue), MessageBody }));
const webhook = (status: number) =>
  JSON.stringify({
    type: 'webhook',
    job_id: `answered-${status}`,
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${status}`,
    payload: 1,
  });

async function statusOf(jobId: string): Promise<string | undefined> {
  const Key = { JobID: { S: jobId } };
  const get = new GetItemCommand({ TableName: 'job-results-outbox-v1-test', Key, ConsistentRead: true });
  return (await new DynamoDBClient(client()).send(get)).Item?.Status?.S;
}

async function waiting(queue: string): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed'] as const;
  const get = new GetQueueAttributesCommand({ QueueUrl: queueUrl(queue), AttributeNames: [...AttributeNames] });
  const { Attributes = {} } = await new SQSClient(client()).send(get);
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

/** Every path of the `jobs` function that calls AWS. */
async function useJobs() {
  await send('{"job_id": "a", "value": 1}');
  await eventually(async () => expect(await statusOf('a')).toBe('done'));
  // The same id with another payload: the insert fails, the record is read, the job is dead.
  await send('{"job_id": "a", "value": 2}');
  await send('garbage');
  await eventually(async () => expect(await waiting(`${JOBS}-dlq`)).toBe(2));
  // A claim and its result; and a claim that is released, whose message is put off.
  await send(webhook(200));
  await send(webhook(503));
  await eventually(async () => expect(await statusOf('answered-200')).toBe('done'));
  await eventually(async () => expect(await statusOf('answered-503')).toBe('failed'));
  await returnOnLastReceive();
}

/** Every path of the `deliveries` function: fast failures, the retry queue's, and what goes back to each as a copy. */
async function useDeliveries() {
  await send(webhook(503).replace('answered-503', 'delayed'), DELIVERIES);
  await send('garbage', DELIVERIES);
  // On a busy machine an invocation may end before its copy is sent.
  for (const queue of [DELIVERIES, `${DELIVERIES}-retry`]) await eventually(() => returnOnLastReceive(queue), 30_000);
  await eventually(async () => expect(await waiting(`${DELIVERIES}-dlq`)).toBe(2), 90_000);
}

/** What every consumer calls, and a payload that is not there: S3 says so only to who may list the bucket. */
async function useDocuments() {
  const bucket = cloud.stack.outputs.find(({ key }) => key === 'PayloadsBucketName')?.value;
  const pointer = `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"${bucket}","s3Key":"gone"}]`;
  await send('{"job_id": "d", "text": "a"}', DOCUMENTS);
  await send(pointer, DOCUMENTS);
  await eventually(async () => expect(await statusOf('d')).toBe('done'));
  await eventually(() => expect(lines.join('\n')).toContain('the payload is not in the bucket'));
  const now = String(Date.now());
  await invoke(DOCUMENTS, pointer, {
    ApproximateReceiveCount: '5',
    SentTimestamp: now,
    ApproximateFirstReceiveTimestamp: now,
  });
  await send('{"job_id": "d", "text": "b"}', DOCUMENTS);
  await eventually(async () => expect(await waiting(`${DOCUMENTS}-dlq`)).toBe(1));
  // One that may have killed its process holds a lease while it runs.
  await invoke(DOCUMENTS, '{"job_id": "suspect", "text": "a"}', {
    ApproximateReceiveCount: '2',
    SentTimestamp: '1',
    ApproximateFirstReceiveTimestamp: '1',
  });
  expect(await statusOf('suspect')).toBe('done');
}

/** Every path of the `entries` function: a FIFO queue's consumer sends nothing to its own queue. */
async function useEntries() {
  const entry = (amount: number) => JSON.stringify({ message_id: 'e', account_id: 'a', amount });
  const sendEntry = async (amount: number) => {
    const ids = { MessageGroupId: 'a', MessageDeduplicationId: String(amount) };
    const QueueUrl = queueUrl(`${ENTRIES}.fifo`);
    await new SQSClient(client()).send(new SendMessageCommand({ QueueUrl, MessageBody: entry(amount), ...ids }));
  };
  const uses = (call: string) => named(cloud.permissions.used(ENTRIES)).some((each) => each.startsWith(`${call} `));
  // The table takes no writes, so the entry is put off.
  cloud.tableLimits.writeUnitsPerSecond = 0;
  await sendEntry(1);
  await eventually(() => expect(uses('sqs:ChangeMessageVisibility')).toBe(true));
  delete cloud.tableLimits.writeUnitsPerSecond;
  await eventually(async () => expect(await waiting(`${ENTRIES}.fifo`)).toBe(0));
  // The same id with another payload is read, and parked.
  await sendEntry(2);
  await eventually(async () => expect(await waiting(`${ENTRIES}-dlq.fifo`)).toBe(1));
  // One that may have killed its process holds a lease while it runs.
  await invoke(`${ENTRIES}.fifo`, entry(3).replace('"e"', '"suspect"'), {
    ...{ ApproximateReceiveCount: '2', SentTimestamp: '1', ApproximateFirstReceiveTimestamp: '1' },
    MessageGroupId: 'b',
  });
}

/** The table takes no writes while a message is received for the last time: a copy goes back to its queue. */
async function returnOnLastReceive(queue = JOBS) {
  cloud.tableLimits.writeUnitsPerSecond = 0;
  const body =
    queue === JOBS ? '{"job_id": "late", "value": 1}' : webhook(200).replace('answered-200', `late-${queue}`);
  await invoke(queue, body, { ApproximateReceiveCount: '5', SentTimestamp: '0' });
  delete cloud.tableLimits.writeUnitsPerSecond;
}

/** Hands a queue's function one message, which it must take off its queue. */
async function invoke(queue: string, body: string, attributes: object) {
  const FunctionName = queue.replace(/-retry$|\.fifo$/, '');
  const record = {
    messageId: 'm-1',
    receiptHandle: 'not-a-handle',
    body,
    attributes,
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
    awsRegion: 'us-east-1',
  };
  const Payload = JSON.stringify({ Records: [record] });
  const { Payload: answer } = await new LambdaClient(client()).send(new InvokeCommand({ FunctionName, Payload }));
  expect(JSON.parse(Buffer.from(answer ?? []).toString())).toEqual({ batchItemFailures: [] });
}

/**
 * How to make a function call everything it ever calls. A new function needs its entry here, unless it is a queue's whose
 * declaration adds no permissions: then it is granted what `jobs` is, and as a step of a chain to send to the `next` queue.
 */
const SCENARIOS: Record<string, () => Promise<void>> = {
  [JOBS]: useJobs,
  [DELIVERIES]: useDeliveries,
  [DOCUMENTS]: useDocuments,
  [ENTRIES]: useEntries,
};

/**
 * What Lambda itself does in a function's name and no recording can show: the embedded cloud prints logs instead of
 * storing them, and sends no traces. What polling takes is recorded, when the mapping is made.
 */
const byLambda = (name: string): Permission[] => [
  ...['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    action,
    resource: `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/${name}:*`,
  })),
  ...['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => ({ action, resource: '*' })),
];

const named = (permissions: readonly Permission[]) =>
  permissions.map(({ action, resource }) => `${action} ${resource}`);

/** Steps of chains, whose next queue test/faults/chain.test.ts sees them send to. */
const NEXT: Record<string, string> = {
  'sluice-test-fulfil-reserve': 'sluice-test-fulfil-charge',
  'sluice-test-fulfil-charge': 'sluice-test-fulfil-ship',
};

const isGrantedAsJobs = (name: string) => {
  const [mine = [], theirs = []] = [name, JOBS].map((each) =>
    named(cloud.permissions.granted(each)).map((grant) => grant.replace(new RegExp(`${each}(?=$|:|-dlq$)`), '<name>')),
  );
  const toNext = NEXT[name] && `sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:${NEXT[name]}`;
  const all = toNext ? [...theirs, toNext] : theirs;
  return JSON.stringify(mine.toSorted()) === JSON.stringify(all.toSorted());
};

test('every function uses all that its role grants, and is granted all that it uses', async () => {
  // Not enforced: a denial would end its path before the rest of it is seen.
  await start({ enforcePermissions: false });
  for (const name of cloud.functions.keys()) {
    const scenario = SCENARIOS[name];
    if (!scenario && isGrantedAsJobs(name)) continue;
    if (!scenario) throw new Error(`${name} has no scenario here: say how to make it call everything that it calls`);
    await scenario();
    const granted = new Set(named(cloud.permissions.granted(name)));
    const used = new Set(named([...cloud.permissions.used(name), ...byLambda(name)]));
    // By exact names: a grant with a wildcard is never used as such.
    expect({
      function: name,
      grantedAndNeverUsed: [...granted.difference(used)],
      usedAndNotGranted: [...used.difference(granted)],
    }).toEqual({ function: name, grantedAndNeverUsed: [], usedAndNotGranted: [] });
  }
}, 240_000);

test('a function is denied what its role does not grant, and says what that was', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-permissions-'));
  cpSync(PACKAGE, directory, { recursive: true });
  const template = path.join(directory, TEMPLATE);
  const parsed = JSON.parse(readFileSync(template, 'utf8'));
  const [policy] = parsed.Resources.JobsRole.Properties.Policies;
  policy.PolicyDocument.Statement = policy.PolicyDocument.Statement.filter(
    ({ Action }: { Action: string | string[] }) => Action !== 'sqs:SendMessage',
  );
  writeFileSync(template, JSON.stringify(parsed));
  await start({ template });
  rmSync(directory, { recursive: true });

  await send('garbage');
  await send('{"job_id": "b", "value": 1}');
  await eventually(() => {
    expect(lines.find((line) => line.includes('dead_letter_copy_failed'))).toMatch(
      `${JOBS} is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:000000000000:${JOBS}-dlq`,
    );
  });
  await eventually(async () => expect(await statusOf('b')).toBe('done'));
  expect(await waiting(`${JOBS}-dlq`)).toBe(0);
});

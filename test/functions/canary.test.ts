import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';

const NAME = 'sluice-test-jobs';
const SECRET = 'canary-7f3a';
const NESTED = JSON.stringify({ [SECRET]: [SECRET, { [SECRET]: SECRET }] });

const text = (stringValue: string) => ({ stringValue, dataType: 'String', stringListValues: [], binaryListValues: [] });

/** A secret in every place of a message that a producer fills. What is in `job_id`, as a text, is logged by design. */
const BODIES: readonly string[] = [
  SECRET,
  `"${SECRET}"`,
  `["${SECRET}"]`,
  `{"job_id": "a", "value": ${SECRET}}`,
  `{"job_id": "a", "value": "${SECRET}`,
  `{"job_id": "a", "value": "${SECRET}\\q"}`,
  `{"job_id": "a", "value": "${SECRET}\t"}`,
  `{"${SECRET}" 1}`,
  `{"job_id": "a", "value": 1} ${SECRET}`,
  `{"job_id": "a", "value": "${SECRET}"}`,
  `{"job_id": "a", "value": ${NESTED}}`,
  `{"job_id": "a", "value": 1, "${SECRET}": 1}`,
  `{"job_id": "a", "value": 1, "extra": ${NESTED}}`,
  `{"job_id": "a", "${SECRET}": ${NESTED}}`,
  `{"job_id": ${NESTED}, "value": 1}`,
  `{"job_id": ["${SECRET}"], "value": 1}`,
  `{"type": ${NESTED}, "job_id": "a", "value": 1}`,
  `{"type": ["${SECRET}"], "job_id": "a", "value": 1}`,
  `{"type": "the password is ${SECRET}", "job_id": "a", "value": 1}`,
  `{"type": "${SECRET}${'x'.repeat(100)}", "job_id": "a", "value": 1}`,
  `{"__proto__": ${NESTED}, "job_id": "a", "value": 1}`,
  `{"a": ${'['.repeat(200)}"${SECRET}"${']'.repeat(200)}}`,
  `{"type": "webhook", "job_id": "a", "url": "${SECRET}", "payload": 1}`,
  `{"type": "webhook", "job_id": "a", "url": 7, "payload": ${NESTED}}`,
  `{"type": "webhook", "job_id": "a", "url": "https://example.com/", "${SECRET}": ${NESTED}}`,
  `{"type": "webhook", "job_id": "a", "payload": ${NESTED}}`,
  `{"job_id": "a\\ud800", "value": "${SECRET}"}`,
  // Too large to carry its reason: its copy fails, which is logged as well.
  `{"job_id": ${NESTED}, "value": "${SECRET}${'x'.repeat(1_048_400)}"}`,
];

let cloud: Cloud;
let lines: string[];

beforeAll(async () => {
  lines = [];
  cloud = await startCloud({
    template: '.sluice/test/cloudformation-template-update-stack.json',
    port: 0,
    onLog: (line) => lines.push(line),
    environment: { [NAME]: { LOG_LEVEL: 'DEBUG' } },
  });
});

afterAll(() => cloud.close());

const client = () => ({
  endpoint: cloud.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

function record(body: string, i: number) {
  const first = {
    ApproximateReceiveCount: '1',
    ApproximateFirstReceiveTimestamp: '1',
    SentTimestamp: '1',
    SenderId: 'x',
  };
  const attributes = Array.from({ length: i % 11 }, (_, n) => [`${SECRET}.${n}`, text(SECRET)] as const);
  return {
    messageId: `m-${i}`,
    receiptHandle: 'no-handle',
    body,
    attributes: first,
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${NAME}`,
    awsRegion: 'us-east-1',
  };
}

async function invoke(bodies: readonly string[]) {
  const Records = bodies.map(record);
  const answer = await new LambdaClient(client()).send(
    new InvokeCommand({ FunctionName: NAME, Payload: JSON.stringify({ Records }) }),
  );
  return { error: answer.FunctionError, payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) };
}

async function letters(): Promise<Message[]> {
  const sqs = new SQSClient(client());
  const QueueUrl = `${cloud.endpoint}/000000000000/${NAME}-dlq`;
  const all: Message[] = [];
  for (;;) {
    const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0, MessageAttributeNames: ['All'] };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
    if (Messages.length === 0) return all;
    all.push(...Messages);
  }
}

test('a secret in any place of a message gets into no log line, no metric, no reason and no answer', async () => {
  const { error, payload } = await invoke(BODIES);
  expect(error).toBeUndefined();
  const tooLarge = `m-${BODIES.length - 1}`;
  expect(payload).toEqual({ batchItemFailures: [{ itemIdentifier: tooLarge }] });

  const all = await letters();
  expect(all).toHaveLength(BODIES.length - 1);
  for (const { Body, MessageAttributes = {} } of all) {
    expect(BODIES).toContain(Body);
    // Attributes that found no room are kept in the reason as they were, and are taken out by a redrive.
    const { overflow, ...reason } = JSON.parse(MessageAttributes.DeadLetterReason?.StringValue ?? '');
    expect(reason.message.length).toBeGreaterThan(10);
    expect(JSON.stringify(reason)).not.toContain(SECRET);
  }

  expect(lines.filter((line) => line.includes('job_dead_lettered'))).toHaveLength(all.length);
  expect(lines.filter((line) => line.includes('dead_letter_copy_failed'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('"_aws"'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes(SECRET))).toEqual([]);
});

test('ids and the names of types are logged, by design, and nothing in them is obeyed or without end', async () => {
  lines.length = 0;
  const { error } = await invoke([
    '{"job_id": "id-\\u009b31m\\u202e1", "value": "x"}',
    '{"type": "no-such-type", "job_id": "id-2"}',
    `{"job_id": "${'i'.repeat(500_000)}", "value": 1}`,
  ]);
  expect(error).toBeUndefined();
  const logged = lines.filter((line) => line.includes('job_dead_lettered')).map((line) => JSON.parse(line).details);
  expect(logged.map(({ jobId }) => jobId.slice(0, 20)).sort()).toEqual(
    ['id-2', 'id-\ufffd31m\ufffd1', 'i'.repeat(20)].sort(),
  );
  expect(logged.map(({ type }) => type).sort()).toEqual(['no-such-type', 'triple', 'triple']);
  for (const line of lines) expect(line.length).toBeLessThan(10_000);
});

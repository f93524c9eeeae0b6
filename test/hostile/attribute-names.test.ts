import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SQSMessageAttributes } from 'aws-lambda';
import { toRecord } from '../../localstack/mapping/record.ts';
import { inProcessClient } from '../../localstack/sqs/in-process-client.ts';
import { readLetter } from '../../operator/dead-letters/reading/read-letter.ts';
import { redrivenMessage } from '../../operator/dead-letters/redriving/redriven-message.ts';
import { depth } from '../operator/dead-letters/world.ts';
import { type Operator, operator } from '../operator/operator.ts';

let op: Operator;
beforeAll(async () => {
  op = await operator();
});
afterAll(() => op[Symbol.asyncDispose]());

/** Names that SQS takes and that mean something to an object of JavaScript. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length'];

/** Past the SDK, as a producer of another language sends it. */
async function sendRaw(queue: string, body: string): Promise<void> {
  const attributes = NAMES.map((name) => `"${name}":{"DataType":"String","StringValue":"of ${name}"}`);
  const request = JSON.stringify({ QueueUrl: op.queueUrl(queue), MessageBody: body });
  const answer = await fetch(op.cloud.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' },
    body: `${request.slice(0, -1)},"MessageAttributes":{${attributes.join(',')}}}`,
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const valuesIn = (attributes: Record<string, { StringValue?: string }>) =>
  Object.entries(attributes).map(([name, { StringValue }]) => [name, StringValue]);
const VALUES = NAMES.map((name) => [name, `of ${name}`]);

test("attributes with the names of JavaScript's own are listed, shown, exported, purged and imported as any other", async () => {
  await sendRaw('mail-dlq', '{"job_id":"hostile","value":1}');
  const file = path.join(tmpdir(), `sluice-${process.pid}-${Date.now()}.jsonl`);
  for (const command of [
    ['list'],
    ['redrive', '--dry-run'],
    ['export', '--file', `${file}.export`],
    ['purge', '--yes', '--export', file],
    ['import', '--file', file],
  ]) {
    expect(await op.sluice('dlq', ...command, ...(command[0] === 'import' ? [] : ['--queue', 'mail']))).toMatchObject({
      code: 0,
      err: '',
    });
  }
  for (const name of [file, `${file}.export`]) {
    const [, letter = ''] = (await readFile(name, 'utf8')).split('\n');
    expect(valuesIn(JSON.parse(letter).attributes).toSorted()).toEqual(VALUES.toSorted());
  }
  const { out } = await op.sluice('dlq', 'show', 'hostile', '--json');
  expect(valuesIn(JSON.parse(out).letters[0].attributes).toSorted()).toEqual(VALUES.toSorted());
  expect((await op.sluice('dlq', 'show', 'hostile')).out).toContain('__proto__ (String): of __proto__');
  expect((await op.sluice('dlq', 'redrive', '--queue', 'mail', '--yes')).code).toBe(0);
  expect(await depth(op, op.queueUrl('mail'))).toEqual([1, 0]);
});

test('one that the SDK has emptied counts as not there, in a letter and in the record that a function gets', () => {
  const emptied = Object.defineProperty({ b: { DataType: 'String', StringValue: 'x' } }, '__proto__', {
    value: undefined,
    enumerable: true,
  });
  const message = { MessageId: 'm', ReceiptHandle: 'r', Body: '{}', MessageAttributes: emptied as never };
  const letter = readLetter(message);
  expect(Object.keys(letter.attributes)).toEqual(['b']);
  expect(Object.keys(redrivenMessage(letter, { fifo: false }).MessageAttributes ?? {})).toEqual(['b']);
  const { json } = toRecord(message, { queueArn: 'arn:aws:sqs:us-east-1:000000000000:jobs', region: 'us-east-1' }, 0);
  expect(Object.keys(JSON.parse(json).messageAttributes as SQSMessageAttributes)).toEqual(['b']);
});

test('the embedded cloud hands an attribute called __proto__ to its function', async () => {
  const answer = JSON.stringify({
    Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: '{}', MessageAttributes: 0, MD5OfBody: '' }],
  }).replace('"MessageAttributes":0', '"MessageAttributes":{"__proto__":{"DataType":"String","StringValue":"kept"}}');
  const client = inProcessClient({ handleJson: async () => ({ status: 200, body: answer }) } as never, 'us-east-1');
  const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: 'http://queue' }));
  const record = toRecord(Messages[0] ?? {}, { queueArn: 'arn', region: 'us-east-1' }, 0);
  expect(record.json).toContain('"__proto__":{"stringValue":"kept"');
});

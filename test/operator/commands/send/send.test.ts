import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { type StageUnderTest, stageUnderTest } from '../../stage-under-test.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-send-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(...lines: string[]): string {
  const file = path.join(folder, `${Math.random()}.jsonl`);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
}

async function received({ stage }: StageUnderTest, name: string): Promise<Message[]> {
  const QueueUrl = stage.queues.find((queue) => queue.name === name)?.url;
  const all: Message[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ['All'],
    });
    const { Messages = [] } = await stage.sqs.send(command);
    if (Messages.length === 0) return all;
    all.push(...Messages);
    // A FIFO queue hands out no more of a group while some of it is in flight.
    for (const { ReceiptHandle } of Messages)
      await stage.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

const bodies = async (world: StageUnderTest, name = 'jobs') => (await received(world, name)).map(({ Body }) => Body);

test('a file of valid jobs arrives line by line, byte for byte, and nowhere else', async () => {
  await using world = await stageUnderTest();
  const lines = [
    '{"job_id":"a","value":1}',
    '{ "value": 2e0, "job_id": "b" }',
    '{"job_id":"c\u2028d","value":-3,"type":"triple"}',
  ];
  const { code, stdout, stderr } = await world.sluice(['send', '--file', fileOf(...lines)]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Sent 3 messages to jobs in \d+\.\d s\.\nNext: npx sluice queues --watch\n$/);
  expect((await bodies(world)).sort()).toEqual(lines.sort());
  expect(await bodies(world, 'orders.fifo')).toEqual([]);
});

test('of a file with one bad line nothing is sent, and the line and its fault are named', async () => {
  await using world = await stageUnderTest();
  const file = fileOf('{"job_id":"a","value":1}', '', '{"job_id":"b","value":"2"}', 'nope', '{"type":"x"}');
  const { code, stdout, stderr } = await world.sluice(['send', '--file', file]);
  expect(stderr).toContain(':3: triple: /value must be number\n');
  expect(stderr).toContain(':4: the body is not JSON');
  expect(stderr).toContain(':5: there is no job type "x"; this worker runs ');
  expect(stdout).toBe('Nothing was sent: 3 lines invalid. Correct them, or add --skip-invalid.\n');
  expect(code).toBe(1);
  expect(await bodies(world)).toEqual([]);
});

test('--skip-invalid sends the others and still ends with 1', async () => {
  await using world = await stageUnderTest();
  const file = fileOf('{"job_id":"a","value":1}', 'nope', '{"job_id":"b","value":2}');
  const { code, stdout } = await world.sluice(['send', '--file', file, '--skip-invalid', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    queue: 'jobs',
    sent: 2,
    refused: 0,
    invalid: 1,
    invalidLines: [{ line: 2, problem: expect.stringContaining('not JSON') }],
  });
  expect((await bodies(world)).sort()).toEqual(['{"job_id":"a","value":1}', '{"job_id":"b","value":2}']);
});

test('standard input is sent up to its first bad line, and the end says so', async () => {
  await using world = await stageUnderTest();
  const input = '{"job_id":"a","value":1}\nnope\n{"job_id":"b","value":2}\n';
  const { code, stdout, stderr } = await world.sluice(['send'], { input });
  expect(stderr).toMatch(/^standard input:2: the body is not JSON/);
  expect(stdout).toContain('Stopped at the first invalid line.');
  expect(code).toBe(1);
  expect(await bodies(world)).toEqual(['{"job_id":"a","value":1}']);
});

test('--count sends that many different jobs, in full requests', async () => {
  await using world = await stageUnderTest();
  const { code } = await world.sluice(['send', '--count', '95']);
  expect(code).toBe(0);
  const jobs = (await bodies(world)).map((body) => JSON.parse(body as string));
  expect(new Set(jobs.map(({ job_id }) => job_id)).size).toBe(95);
  expect(jobs.map(({ value }) => value).sort((a, b) => a - b)).toEqual(Array.from({ length: 95 }, (_, i) => i + 1));
});

test('a template is filled in, and gets the type that was asked for', async () => {
  await using world = await stageUnderTest();
  const body = '{"job_id": "{id}", "url": "https://example.com/{n}", "payload": {}}';
  const { code } = await world.sluice(['send', 'webhook', '--count', '2', '--body', body]);
  expect(code).toBe(0);
  const jobs = (await bodies(world)).map((text) => JSON.parse(text as string));
  expect(jobs.map(({ type }) => type)).toEqual(['webhook', 'webhook']);
  expect(jobs.map(({ url }) => url).sort()).toEqual(['https://example.com/1', 'https://example.com/2']);
});

test('--unchecked sends poison as it is', async () => {
  await using world = await stageUnderTest();
  const { code } = await world.sluice(['send', '--unchecked'], { input: 'not json\n{"value":"x"}\n' });
  expect(code).toBe(0);
  expect((await bodies(world)).sort()).toEqual(['not json', '{"value":"x"}']);
});

test('--dry-run checks and sends nothing', async () => {
  await using world = await stageUnderTest();
  const { code, stdout } = await world.sluice(['send', '--count', '3', '--dry-run']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '3 messages would go to jobs, 0 invalid. Nothing was sent.\n' });
  expect(await bodies(world)).toEqual([]);
});

test('on a FIFO queue each group keeps its order, and a job that is sent twice arrives once', async () => {
  await using world = await stageUnderTest();
  const line = (n: number) => JSON.stringify({ job_id: `group-${n % 3}`.concat(`-${n}`), value: n % 3 });
  const file = fileOf(...Array.from({ length: 30 }, (_, n) => line(n)));
  const args = ['send', '--file', file, '--queue', 'orders.fifo', '--group-field', 'value'];
  expect((await world.sluice(args)).code).toBe(0);
  expect((await world.sluice(args)).code).toBe(0);
  const messages = await received(world, 'orders.fifo');
  const numbers = (group: string) =>
    messages
      .filter(({ Attributes }) => Attributes?.MessageGroupId === group)
      .map(({ Body = '' }) => Number(JSON.parse(Body).job_id.split('-')[2]));
  for (const group of [0, 1, 2]) {
    expect(numbers(String(group))).toEqual(Array.from({ length: 10 }, (_, i) => group + 3 * i));
  }
  expect(messages[0]?.Attributes?.MessageDeduplicationId).toBe('group-0-0');
});

test('on a FIFO queue a job without a group is refused before anything is sent', async () => {
  await using world = await stageUnderTest();
  const none = await world.sluice(['send', '--count', '1', '--queue', 'orders.fifo']);
  expect(none.stderr).toContain('orders.fifo is a FIFO queue: pass --group, or --group-field');
  expect(none.code).toBe(2);
  const noField = await world.sluice(['send', '--count', '1', '--queue', 'orders.fifo', '--group-field', 'customer']);
  expect(noField.stderr).toContain('sample:1: it has no field "customer" that holds its message group');
  expect(noField.code).toBe(1);
  expect(await bodies(world, 'orders.fifo')).toEqual([]);
});

test('what SQS refuses is counted with its reason, and ends with 1', async () => {
  await using world = await stageUnderTest();
  const input = 'one\na character that SQS does not take: \ufffe\ntwo\n';
  const { code, stdout } = await world.sluice(['send', '--unchecked', '--json'], { input });
  expect(JSON.parse(stdout)).toMatchObject({
    sent: 2,
    refused: 1,
    invalid: 0,
    refusals: [{ answer: expect.stringMatching(/^InvalidMessageContents: /), count: 1 }],
  });
  expect(code).toBe(1);
  expect((await bodies(world)).sort()).toEqual(['one', 'two']);
});

test.each([
  [['send', 'frob', '--count', '1'], 'there is no job type "frob"; there are: triple, webhook'],
  [['send', 'webhook', '--count', '1'], 'schemas/webhook.json has no "examples"'],
  [['send', '--file', '/nowhere/x'], 'cannot read --file'],
  [['send', '--file', 'x', '--count', '1'], 'pass either --file or --count'],
  [['send', '--body', '{}'], '--body is what --count repeats'],
  [['send', '--count', '1', '--queue', 'frob'], 'has no queue "frob"; it has: jobs, orders.fifo'],
])('%j ends with 2', async (args, message) => {
  await using world = await stageUnderTest();
  const { code, stderr } = await world.sluice(args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

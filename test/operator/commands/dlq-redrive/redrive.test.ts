import {
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { letterOf, type Sending } from '../../dead-letters/letters.ts';
import { type Operator, operator } from '../../operator.ts';

let op: Operator;
beforeAll(async () => {
  op = await operator();
});
afterAll(() => op[Symbol.asyncDispose]());

async function put(queue: string, ...messages: Sending[]): Promise<void> {
  for (let i = 0; i < messages.length; i += 10) {
    const Entries = messages.slice(i, i + 10).map((message, n) => ({ Id: String(n), ...message }));
    await op.sqs.send(new SendMessageBatchCommand({ QueueUrl: op.queueUrl(queue), Entries }));
  }
}

async function depth(queue: string): Promise<number> {
  const { Attributes = {} } = await op.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: op.queueUrl(queue), AttributeNames: ['All'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages);
}

/** Between tests every queue is as it was. */
async function clear(): Promise<void> {
  for (const name of ['jobs', 'jobs-dlq', 'mail', 'mail-dlq', 'orders.fifo', 'orders-dlq.fifo']) {
    await op.sqs.send(new PurgeQueueCommand({ QueueUrl: op.queueUrl(name) }));
  }
}
beforeEach(clear);

const triple = (id: string, value: unknown = 1) => letterOf({ job_id: id, value });
const fits80 = (text: string) => {
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
};

test('a dry run shows what would happen to how many, fits 80 columns, and changes nothing', async () => {
  const long = 'TransientError'.repeat(9);
  await put('jobs-dlq', triple('a'), triple('b'), letterOf({ job_id: 'c', value: 'x' }, { message: long }));
  await put('mail-dlq', letterOf('{', { type: 'unknown', errorClass: 'InvalidJob', message: 'no \u001b[31mJSON' }));
  const { code, out } = await op.sluice('dlq', 'redrive', '--dry-run');
  expect(code).toBe(0);
  fits80(out.replace(/^Apply it:.*$/m, ''));
  expect(out).toMatch(/^QUEUE +TYPE +LETTERS +WHAT HAPPENS +ERROR +EXAMPLE$/m);
  expect(out).toMatch(/^jobs +triple +2 +goes back +PermanentError: .*…? +[0-9a-f]{8}$/m);
  expect(out).toMatch(/^mail +unknown +1 +stays: would fail/m);
  expect(out).toContain('4 dead letters: 2 go back, 0 are dropped as done, 2 stay.');
  expect(out).toContain('--include-invalid sends them all the same');
  expect(out).not.toContain('\u001b');
  expect([await depth('jobs-dlq'), await depth('mail-dlq'), await depth('jobs')]).toEqual([3, 1, 0]);
});

test('the same plan is printed as JSON', async () => {
  await put('jobs-dlq', triple('a'), triple('b', 'x'));
  const { out } = await op.sluice('dlq', 'redrive', '--dry-run', '--json');
  const plan = JSON.parse(out);
  expect(plan.totals).toMatchObject({ goesBack: 1, wouldFailAgain: 1 });
  expect(plan.groups).toHaveLength(2);
  expect(plan.groups[0]).toMatchObject({ queue: 'jobs', type: 'triple', fingerprint: 'abcDEF-12345', count: 1 });
  expect(plan.queues.map(({ queue }: { queue: string }) => queue).sort()).toEqual(['jobs', 'mail', 'orders.fifo']);
});

test('without --yes and without a terminal it refuses, and names the remedy', async () => {
  await put('jobs-dlq', triple('a'));
  const { code, err } = await op.sluice('dlq', 'redrive');
  expect(code).toBe(2);
  expect(err).toMatch(/Send 1 dead letter back\? There is no terminal to ask on: add --yes, or --dry-run/);
  expect(await depth('jobs-dlq')).toBe(1);
});

test('the process sends back what was chosen, from one queue only, and says what became of it', async () => {
  await put('jobs-dlq', triple('a', 5), triple('b', 50));
  await put('mail-dlq', triple('c', 50));
  const args = ['dlq', 'redrive', '--stage', 'test', '--queue', 'jobs', '--where', 'value>10'];
  const dry = await op.process([...args, '--dry-run']).ended;
  expect(dry.out).toContain("Apply it: npx sluice dlq redrive --stage test --queue jobs --where 'value>10' --yes\n");
  const { code, out, err } = await op.process([...args, '--yes']).ended;
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^ +1 {2}sent back$/m);
  expect(out).toContain('npx sluice queues --stage test');
  fits80(out);
  expect([await depth('jobs'), await depth('jobs-dlq'), await depth('mail-dlq')]).toEqual([1, 1, 1]);
});

test('--to sends to another queue', async () => {
  await put('jobs-dlq', triple('a'));
  expect((await op.sluice('dlq', 'redrive', '--queue', 'jobs', '--to', 'mail', '--yes')).code).toBe(0);
  expect([await depth('mail'), await depth('jobs')]).toEqual([1, 0]);
});

test.each([
  [['--to', 'orders.fifo', '--queue', 'jobs'], /is a FIFO queue, and the letters of jobs have no groups/],
  [['--to', 'jobs', '--queue', 'orders.fifo'], /add --allow-reorder if that is all right/],
  [['--native', '--type', 'triple'], /--native moves every letter as it is, so it cannot honour a filter/],
  [['--native', '--limit', '5'], /cannot honour --limit/],
  [['--native', '--yes'], /this cloud has no StartMessageMoveTask .*: run it without --native/],
  [['--dry-run', '--yes'], /contradict each other/],
  [['--rate', '0'], /Write a whole number from 1/],
  [['--queue', 'nope'], /has no queue "nope"/],
])('%j is a wrong command line, which says what to do', async (args, message) => {
  const { code, err } = await op.sluice('dlq', 'redrive', ...args);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
});

test('a canary that finds no outcome stops, with exit code 1, and says what failed', async () => {
  await put('jobs-dlq', ...Array.from({ length: 30 }, (_, i) => triple(`j${i}`)));
  // Nobody consumes here, so the canary's letters stay on the queue.
  const { code, out } = await op.sluice('dlq', 'redrive', '--limit', '3', '--timeout', '1', '--yes');
  expect(code).toBe(1);
  expect(out).toMatch(/^ +3 {2}still on the queue when time was up$/m);
  expect(out).toContain('The canary failed, so the rest was not sent.');
  expect([await depth('jobs'), await depth('jobs-dlq')]).toEqual([3, 27]);
});

test('letters of a FIFO queue go back in their order', async () => {
  const letters = Array.from({ length: 14 }, (_, i) => ({
    ...triple(`f${i}`),
    MessageGroupId: 'g',
    MessageDeduplicationId: `d${i}`,
  }));
  await put('orders-dlq.fifo', ...letters.slice(0, 10));
  await put('orders-dlq.fifo', ...letters.slice(10));
  const { code, out } = await op.sluice('dlq', 'redrive', '--queue', 'orders.fifo', '--yes');
  expect([code, out]).toEqual([0, expect.stringMatching(/about 4 more wait behind the heads of their\s+groups/)]);
  expect(out).toMatch(/^ +14 {2}sent back$/m);
  fits80(out);
  const input = { QueueUrl: op.queueUrl('orders.fifo'), MaxNumberOfMessages: 10 };
  const { Messages = [] } = await op.sqs.send(new ReceiveMessageCommand(input));
  const order = Messages.map(({ Body = '' }) => JSON.parse(Body).job_id);
  expect(order).toEqual(letters.slice(0, 10).map((_, i) => `f${i}`));
});

test('--help has examples and names the exit codes', async () => {
  const { out } = await op.sluice('dlq', 'redrive', '--help');
  expect(out).toContain('$ npx sluice dlq redrive --dry-run');
  expect(out).toContain('Exit codes: 0 all well');
});

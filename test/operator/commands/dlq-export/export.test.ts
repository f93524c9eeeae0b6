import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { letterOf, type Sending } from '../../dead-letters/letters.ts';
import { depth, sendAll } from '../../dead-letters/world.ts';
import { type Operator, operator } from '../../operator.ts';

let stage: Operator;
let jobs: string;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-dlq-'));
  stage = await operator();
  jobs = stage.queueUrl('jobs-dlq');
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const inFolder = (name: string) => path.join(folder, name);
const sorted = async (file: string) => (await readFile(file, 'utf8')).split('\n').toSorted();

const sqsText = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0xd7ff }), fc.constantFrom(9, 10, 13, 0x2028, 0xfeff, 0x1f600)), {
    minLength: 1,
    maxLength: 20,
  })
  .map((points) => String.fromCodePoint(...points));
const anyLetter: fc.Arbitrary<Sending> = fc.record(
  {
    MessageBody: sqsText,
    MessageAttributes: fc.dictionary(
      fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/),
      fc.oneof(
        fc.record({ DataType: fc.constant('String.x'), StringValue: sqsText }),
        fc.record({ DataType: fc.constant('Binary.x'), BinaryValue: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
      ),
      { maxKeys: 10 },
    ),
    MessageGroupId: fc.stringMatching(/^[a-z0-9]{1,10}$/),
    MessageSystemAttributes: fc.record({
      AWSTraceHeader: fc.constant({ DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' }),
    }),
  },
  { requiredKeys: ['MessageBody'] },
) as fc.Arbitrary<Sending>;

test('export, purge, import, export gives the same bytes, whatever the letters hold', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyLetter, { minLength: 1, maxLength: 25 }), async (letters) => {
      const [first, purged, second] = ['a', 'b', 'c'].map((name) => inFolder(`${name}${run}.jsonl`)) as [
        string,
        string,
        string,
      ];
      run += 1;
      await sendAll(stage, jobs, letters);
      expect(await stage.sluice('dlq', 'export', '--file', first)).toMatchObject({ code: 0, err: '' });
      expect(await stage.sluice('dlq', 'purge', '--yes', '--export', purged)).toMatchObject({ code: 0 });
      expect(await depth(stage, jobs)).toEqual([0, 0]);
      expect(await stage.sluice('dlq', 'import', '--file', purged)).toMatchObject({ code: 0, err: '' });
      expect(await stage.sluice('dlq', 'export', '--file', second)).toMatchObject({ code: 0 });
      expect(await sorted(second)).toEqual(await sorted(first));
      expect(await sorted(purged)).toEqual(await sorted(first));
      await stage.sluice('dlq', 'purge', '--yes', '--no-export');
    }),
    { numRuns: 8 },
  );
});

test('an export leaves every letter where it is, and is not written over', async () => {
  await sendAll(stage, jobs, [letterOf({ job_id: 'a', value: 1 }), letterOf({ job_id: 'b', value: 2 })]);
  const file = inFolder('dead.jsonl');
  const { code, out } = await stage.sluice('dlq', 'export', '--file', file, '--where', 'value>1', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ file, letters: 1, complete: true });
  expect(await depth(stage, jobs)).toEqual([2, 0]);
  const again = await stage.sluice('dlq', 'export', '--file', file);
  expect(again).toMatchObject({
    code: 2,
    err: expect.stringContaining('is there already: pass another name, or --force'),
  });
  expect((await stage.sluice('dlq', 'export', '--file', file, '--force')).code).toBe(0);
  expect(await sorted(file)).toHaveLength(5);
});

test('an export without letters that others hold says so, with exit code 1', async () => {
  await sendAll(stage, jobs, [letterOf({ job_id: 'a', value: 1 }), letterOf({ job_id: 'b', value: 2 })]);
  await stage.sqs.send(new ReceiveMessageCommand({ QueueUrl: jobs, MaxNumberOfMessages: 1, VisibilityTimeout: 30 }));
  const { code, out } = await stage.sluice('dlq', 'export', '--file', inFolder('x.jsonl'));
  expect(code).toBe(1);
  expect(out).toContain('1 dead letter written');
  expect(out).toContain('not all: jobs: about 1 letter held by other consumers');
});

test('an export that is interrupted leaves no file, and no letter hidden', async () => {
  await sendAll(
    stage,
    jobs,
    Array.from({ length: 3_000 }, (_, i) => letterOf({ job_id: `j${i}`, value: 1 })),
  );
  const { child, ended } = stage.process(['dlq', 'export', '--file', inFolder('x.jsonl')]);
  for (let inFlight = 0; inFlight === 0 && child.exitCode === null; ) [, inFlight] = await depth(stage, jobs);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
  expect(await depth(stage, jobs)).toEqual([3_000, 0]);
});

test('a pipe from one real process to another moves the letters to the queue that --to names', async () => {
  await sendAll(stage, jobs, [letterOf({ job_id: 'a', value: 1 })]);
  const { out, code } = await stage.process(['dlq', 'export', '--file', '-']).ended;
  expect(code).toBe(0);
  const importing = stage.process(['dlq', 'import', '--file', '-', '--to', 'sluice-test-mail-dlq']);
  importing.child.stdin?.end(out);
  expect((await importing.ended).code).toBe(0);
  expect(await depth(stage, jobs)).toEqual([1, 0]);
  expect(await depth(stage, stage.queueUrl('mail-dlq'))).toEqual([1, 0]);
  expect(await depth(stage, stage.queueUrl('mail'))).toEqual([0, 0]);
});

test('a damaged file is refused with its line before anything is sent', async () => {
  await sendAll(
    stage,
    jobs,
    Array.from({ length: 30 }, (_, i) => letterOf({ job_id: `j${i}`, value: 1 })),
  );
  const file = inFolder('dead.jsonl');
  await stage.sluice('dlq', 'purge', '--yes', '--export', file);
  const whole = await readFile(file, 'utf8');
  const lines = whole.split('\n');
  await writeFile(file, lines.with(20, (lines[20] as string).slice(0, -5)).join('\n'));
  const { code, err } = await stage.sluice('dlq', 'import', '--file', file);
  expect(code).toBe(1);
  expect(err).toContain('line 21: ');
  expect(err).toContain('Nothing was sent');
  expect(await depth(stage, jobs)).toEqual([0, 0]);
  await writeFile(file, whole.slice(0, -40));
  expect((await stage.sluice('dlq', 'import', '--file', file)).err).toContain('With --incomplete');
  expect((await stage.sluice('dlq', 'import', '--file', file, '--incomplete')).code).toBe(0);
  expect((await depth(stage, jobs))[0]).toBeGreaterThanOrEqual(29);
});

test('a FIFO group comes back in its order, once, though the file is imported twice', async () => {
  const fifo = stage.queueUrl('orders-dlq.fifo');
  const letters = ['a', 'b'].flatMap((group) =>
    Array.from({ length: 12 }, (_, n) =>
      letterOf(
        { job_id: `${group}${n}`, value: n },
        {},
        { MessageGroupId: group, MessageDeduplicationId: `${group}${n}` },
      ),
    ),
  );
  await sendAll(stage, fifo, letters);
  const exported = await stage.sluice('dlq', 'export', '--file', inFolder('heads.jsonl'));
  expect(exported).toMatchObject({ code: 1, out: expect.stringContaining('behind the heads') });
  const file = inFolder('dead.jsonl');
  const purged = await stage.sluice('dlq', 'purge', '--queue', 'orders.fifo', '--yes', '--export', file);
  expect(purged.out).toContain('24 dead letters deleted');
  expect(await depth(stage, fifo)).toEqual([0, 0]);
  for (let times = 0; times < 2; times++) {
    expect((await stage.sluice('dlq', 'import', '--file', file)).out).toContain('24 letters of 24 sent');
    expect(await depth(stage, fifo)).toEqual([24, 0]);
  }
  const back = inFolder('back.jsonl');
  await stage.sluice('dlq', 'purge', '--queue', 'orders.fifo', '--yes', '--export', back);
  const inOrder = async (name: string, group: string) =>
    (await readFile(name, 'utf8')).split('\n').filter((line) => line.includes(`"MessageGroupId":"${group}"`));
  for (const group of ['a', 'b']) expect(await inOrder(back, group)).toEqual(await inOrder(file, group));
  expect(existsSync(back)).toBe(true);
});

test('an unknown queue in a file is a usage error, and nothing is sent', async () => {
  const file = inFolder('x.jsonl');
  const line = '{"queue":"gone","body":"x","attributes":{},"system":{}}';
  await writeFile(file, `{"format":"sluice-dead-letters","version":1}\n${line}\n{"end":true,"letters":1}\n`);
  expect(await stage.sluice('dlq', 'import', '--file', file)).toMatchObject({
    code: 2,
    err: expect.stringContaining('has no queue "gone"'),
  });
  expect((await stage.sluice('dlq', 'import', '--file', inFolder('nowhere'))).code).toBe(2);
});

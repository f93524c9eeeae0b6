import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { Purge, type Purged } from '../../../../operator/commands/dlq-purge/purge.ts';
import { ExportWriter } from '../../../../operator/dead-letters/files/write-export.ts';
import { Holding } from '../../../../operator/dead-letters/reading/holding.ts';
import { letterOf } from '../../dead-letters/letters.ts';
import { depth, sendAll } from '../../dead-letters/world.ts';
import { type Operator, operator } from '../../operator.ts';

let stage: Operator;
let jobs: string;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-purge-'));
  stage = await operator();
  jobs = stage.queueUrl('jobs-dlq');
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const ignored = readFileSync(path.resolve(import.meta.dirname, '../../../../.gitignore'), 'utf8').split('\n');
const inFolder = (name: string) => path.join(folder, name);
const letters = (count: number, value = 1) =>
  Array.from({ length: count }, (_, i) => letterOf({ job_id: `v${value}-${i}`, value }));

test('what the filters mean is exported and deleted; everything else stays where it is', async () => {
  await sendAll(stage, jobs, [...letters(30, 1), ...letters(40, 20)]);
  await sendAll(stage, stage.queueUrl('mail-dlq'), letters(3, 5));
  const file = inFolder('purged.jsonl');
  const { code, out } = await stage.sluice('dlq', 'purge', '--where', 'value>10', '--yes', '--export', file, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    plan: { letters: 40, groups: [{ queue: 'jobs', count: 40 }] },
    applied: true,
    result: { deleted: 40, notDeleted: [], notSeenAgain: 0, file },
  });
  expect(await depth(stage, jobs)).toEqual([30, 0]);
  expect(await depth(stage, stage.queueUrl('mail-dlq'))).toEqual([3, 0]);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n').slice(1, -1);
  expect(lines).toHaveLength(40);
  expect(lines.every((line) => line.includes('\\"value\\":20'))).toBe(true);
});

test('the file that it makes by itself is for its owner only, and git ignores it', async () => {
  await sendAll(stage, jobs, letters(2));
  const { out } = await stage.sluice('dlq', 'purge', '--yes', '--json');
  const { file } = JSON.parse(out).result;
  try {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(ignored).toContain('dead-letters-*.jsonl');
    expect(file).toMatch(/^dead-letters-.*\.jsonl$/);
  } finally {
    await rm(file);
  }
});

test('without --yes and without a terminal it shows the plan, deletes nothing and names the remedy', async () => {
  await sendAll(stage, jobs, letters(5));
  const { code, out, err } = await stage.sluice('dlq', 'purge');
  expect(code).toBe(2);
  expect(out).toContain('To delete: 5 dead letters');
  expect(err).toContain('add --yes');
  expect(await depth(stage, jobs)).toEqual([5, 0]);
  const dry = await stage.sluice('dlq', 'purge', '--dry-run', '--json');
  expect(dry.code).toBe(0);
  expect(JSON.parse(dry.out)).toMatchObject({ plan: { letters: 5 }, applied: false });
  expect(await depth(stage, jobs)).toEqual([5, 0]);
});

test('a file that is there already is not written over, and nothing is deleted', async () => {
  await sendAll(stage, jobs, letters(5));
  const file = inFolder('purged.jsonl');
  await stage.sluice('dlq', 'export', '--file', file);
  const before = await readFile(file, 'utf8');
  const { code, err } = await stage.sluice('dlq', 'purge', '--yes', '--export', file);
  expect(code).toBe(2);
  expect(err).toContain('pass another name with --export. Nothing was deleted');
  expect(await readFile(file, 'utf8')).toBe(before);
  expect(await depth(stage, jobs)).toEqual([5, 0]);
});

test('a letter that comes in after the plan stays, and one that somebody took meanwhile is told', async () => {
  await sendAll(stage, jobs, letters(3));
  const file = inFolder('purged.jsonl');
  const { child, ended } = stage.process(['dlq', 'purge', '--export', file, '--yes']);
  let plan = '';
  const planned = new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      const wasOut = plan.includes('To delete: 3');
      plan += chunk;
      if (wasOut || !plan.includes('To delete: 3')) return;
      // The plan is out, and the process is stopped before it deletes.
      child.kill('SIGSTOP');
      resolve();
    });
  });
  await planned;
  const { Messages: [taken] = [] } = await stage.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: jobs, MaxNumberOfMessages: 1, VisibilityTimeout: 30 }),
  );
  await sendAll(stage, jobs, letters(1, 99));
  child.kill('SIGCONT');
  const { code } = await ended;
  const [visible, inFlight] = await depth(stage, jobs);
  // Where the process was faster than the stop, nothing was left to take.
  if (taken) {
    expect(code).toBe(1);
    expect([visible, inFlight]).toEqual([1, 1]);
    await stage.sqs.send(new DeleteMessageCommand({ QueueUrl: jobs, ReceiptHandle: taken.ReceiptHandle }));
  }
  expect((await stage.sluice('dlq', 'show', 'v99-0')).code).toBe(0);
});

test('nothing is deleted that could not be written', async () => {
  await sendAll(stage, jobs, letters(10));
  await using holding = await Holding.of(stage.sqs, jobs);
  const held = await holding.receive(0);
  const purged: Purged = { deleted: 0, notDeleted: [] };
  for (const failing of ['write', 'sync'] as const) {
    const sink = {
      write: async () => {},
      sync: async () => {},
      [failing]: () => Promise.reject(new Error('disk full')),
    };
    const purge = new Purge({ archive: { sink, writer: new ExportWriter(sink) }, purged });
    await expect(purge.add('jobs', held, holding, true)).rejects.toThrow('disk full');
  }
  expect(purged.deleted).toBe(0);
  expect(await depth(stage, jobs)).toEqual([0, 10]);
});

test('an interrupted purge leaves each letter on the queue or whole in the file', async () => {
  await sendAll(stage, jobs, letters(3_000));
  const file = inFolder('purged.jsonl');
  const { child, ended } = stage.process(['dlq', 'purge', '--yes', '--export', file]);
  const left = async () => (await depth(stage, jobs)).reduce((sum, count) => sum + count);
  while ((await left()) === 3_000 && child.exitCode === null);
  child.kill('SIGINT');
  const { code, out } = await ended;
  expect(code).toBe(130);
  const [visible, inFlight] = await depth(stage, jobs);
  expect(inFlight).toBe(0);
  expect(visible).toBeGreaterThan(0);
  const deleted = 3_000 - visible;
  expect(out).toContain(`${deleted.toLocaleString('en-US')} dead letters deleted, exported to ${file}`);
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  expect(lines.length - 2).toBeGreaterThanOrEqual(deleted);
  expect(lines.at(-1)).toBe(`{"end":true,"letters":${lines.length - 2}}`);
});

test.each([1, 500, 1_500])(
  'killed after %d deletions, no letter is neither on the queue nor in the file',
  async (after) => {
    await sendAll(stage, jobs, letters(2_500));
    const file = inFolder('purged.jsonl');
    const { child, ended } = stage.process(['dlq', 'purge', '--yes', '--export', file]);
    const left = async () => (await depth(stage, jobs)).reduce((sum, count) => sum + count);
    while ((await left()) > 2_500 - after && child.exitCode === null);
    child.kill('SIGKILL');
    await ended;
    const deleted = 2_500 - (await left());
    const whole = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    const exported = new Set(whole.flatMap((line) => /v1-\d+/.exec(line)?.[0] ?? []));
    expect(deleted).toBeGreaterThanOrEqual(after);
    expect(exported.size).toBeGreaterThanOrEqual(deleted);
    const back = await stage.sluice('dlq', 'import', '--file', file, '--incomplete', '--to', 'sluice-test-mail-dlq');
    expect(back.code).toBe(0);
    expect(await depth(stage, stage.queueUrl('mail-dlq'))).toEqual([exported.size, 0]);
  },
);

import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { knownJob } from '../../../../operator/commands/job/known-job.ts';
import { jobText } from '../../../../operator/commands/job/view.ts';
import { jobRecordOf } from '../../../../src/ledger/dynamodb/archive.ts';
import { stageUnderTest } from '../../stage-under-test.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const ITEM = {
  JobID: { S: 'a' },
  Type: { S: 'webhook' },
  Fingerprint: { S: 'f' },
  FencingToken: { N: '2' },
  ClaimedAt: { S: '2026-01-31T11:59:00.000Z' },
  ttl: { N: String(NOW / 1000 + 60) },
};

/** What is said of an item of the table. */
const interpret = (item: Record<string, AttributeValue>, now: number) =>
  knownJob(item.JobID?.S ?? '', jobRecordOf(item), now);

test.each([
  ['done', { Status: { S: 'done' }, Result: { NULL: true } }],
  ['running', { Status: { S: 'running' }, LeaseUntil: { N: String(NOW + 1) } }],
  ['abandoned', { Status: { S: 'running' }, LeaseUntil: { N: String(NOW) } }],
  ['failed', { Status: { S: 'failed' } }],
  ['dead', { Status: { S: 'dead' } }],
  ['expired', { Status: { S: 'done' }, ttl: { N: String(NOW / 1000) } }],
  ['done', {}],
])('a job is %s', (state, more) => {
  expect(interpret({ ...ITEM, ...more }, NOW)).toMatchObject({ jobId: 'a', state, runs: 2, type: 'webhook' });
});

test('a job that failed is shown with how often, its last error and when it runs next', () => {
  const failed = {
    ...ITEM,
    Status: { S: 'failed' },
    Runs: { N: '2' },
    Error: { S: 'TransientError: POST https://hooks.example answered 503' },
    FailedAt: { S: '2026-01-31T11:59:50.000Z' },
    RetryAt: { S: '2026-01-31T12:00:08.000Z' },
  };
  const job = interpret(failed, NOW);
  expect(job).toMatchObject({ state: 'failed', failedRuns: 2, retryAt: '2026-01-31T12:00:08.000Z' });
  const text = jobText(job, NOW);
  expect(text).toMatch(/\nfailed +2 runs, the last 10 s ago\n/);
  expect(text).toMatch(/\nerror +TransientError: POST https:\/\/hooks.example answered 503\n/);
  expect(text).toMatch(/\nnext run +in 8 s, or a little later\n/);
  expect(interpret({ ...failed, RetryAt: { S: '' } }, NOW).retryAt).toBeNull();
});

test('a result of null is a result', () => {
  expect(interpret({ ...ITEM, Result: { NULL: true } }, NOW).result).toBeNull();
  expect(interpret(ITEM, NOW)).not.toHaveProperty('result');
});

test('a done job is shown with its result, and ends with 0', async () => {
  await using world = await stageUnderTest();
  const Item = {
    ...ITEM,
    Status: { S: 'done' },
    CompletedAt: { S: '2026-01-31T11:59:01.500Z' },
    Result: { M: { status: { N: '204' } } },
    ttl: { N: '4102444800' },
  };
  await world.dynamodb.send(new PutItemCommand({ TableName: 'results', Item }));
  const text = await world.sluice(['job', 'a']);
  expect(text.stdout).toMatch(/^job +a\nstate +done\n/);
  expect(text.stdout).toMatch(/\ntook +1500 ms\n/);
  expect(text.stdout).toContain('"status": 204');
  expect(text.code).toBe(0);
  const { job } = JSON.parse((await world.sluice(['job', 'a', '--json'])).stdout);
  expect(job).toMatchObject({ state: 'done', result: { status: 204 }, completedAt: '2026-01-31T11:59:01.500Z' });
});

test('a job that nobody knows ends with 1 and says where to look', async () => {
  await using world = await stageUnderTest();
  const { code, stdout } = await world.sluice(['job', 'nobody']);
  expect(stdout).toContain('There is no job "nobody" in results.');
  expect(stdout).toContain('jobs: 0 waiting, 0 in flight, 0 delayed, 0 dead\n');
  expect(stdout).toContain('Next: the same with --search\n');
  expect(code).toBe(1);
});

test('--search finds it among the dead letters, gives them back, and ends with 0', async () => {
  await using world = await stageUnderTest();
  const url = world.stage.queues[0]?.deadLetters?.url;
  for (const job_id of ['other', 'wanted']) {
    const MessageBody = JSON.stringify({ job_id, value: 'x' });
    await world.stage.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
  }
  const { code, stdout } = await world.sluice(['job', 'wanted', '--search']);
  expect(stdout).toMatch(/^dead in +the DLQ of jobs, message [\w-]{36}\nbecause +\S/);
  expect(stdout).toMatch(/\nNext: npx sluice dlq show [\w-]{36}\n$/);
  expect(code).toBe(0);
  const [jobs] = JSON.parse((await world.sluice(['queues', '--json'])).stdout);
  expect(jobs.deadLetters).toMatchObject({ waiting: 2, inFlight: 0 });
});

test("another program's item, whose numbers are no times and whose texts are made to be obeyed, is shown all the same", () => {
  const hostile = { S: '\u001b[2J\n$(touch x)\u202e' };
  const number = { N: '1e120' };
  const item = { JobID: hostile, Status: { S: 'running' }, Type: hostile, ClaimedAt: hostile, LeaseUntil: number };
  const job = interpret({ ...item, ttl: number, Fingerprint: hostile, Result: hostile }, NOW);
  expect(job).toMatchObject({ leaseUntil: null, expiresAt: null });
  const text = jobText(job, NOW);
  expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  expect(text.split('\n').every((line) => /^(job|state|where|type|claimed|payload|result) /.test(line))).toBe(true);
});

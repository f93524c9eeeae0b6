import { stripVTControlCharacters } from 'node:util';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { payloadFingerprint } from '../../../../src/ledger/record.ts';
import { letterOf } from '../../dead-letters/letters.ts';
import { depth, sendAll } from '../../dead-letters/world.ts';
import { type Operator, operator } from '../../operator.ts';

type Listed = { errorClass: string; recorded: boolean; count: number; example: { jobId: string } };

let stage: Operator;
let jobs: string;

beforeEach(async () => {
  stage = await operator();
  jobs = stage.queueUrl('jobs-dlq');
});
afterEach(() => stage[Symbol.asyncDispose]());

/** A message that SQS itself moves, as after a time-out: received once, then asked for again. */
async function movedBySqs(body: object): Promise<void> {
  const QueueUrl = stage.queueUrl('jobs');
  await sendAll(stage, QueueUrl, [{ MessageBody: JSON.stringify(body) }]);
  await stage.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
  await stage.sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
}

async function ledgerHolds(type: string, job: { job_id: string }, status: string, leaseUntil = 0): Promise<void> {
  await stage.dynamodb.send(
    new PutItemCommand({
      TableName: 'results',
      Item: {
        JobID: { S: job.job_id },
        Type: { S: type },
        Fingerprint: { S: payloadFingerprint(type, { ...job }) },
        Owner: { S: 'somebody' },
        FencingToken: { N: '3' },
        Status: { S: status },
        LeaseUntil: { N: String(leaseUntil) },
        ttl: { N: String(Math.floor(Date.now() / 1000) + 3_600) },
      },
    }),
  );
}

test('letters of all queues are grouped by error and type, and every one of them is still there', async () => {
  await sendAll(stage, jobs, [
    ...Array.from({ length: 25 }, (_, i) => letterOf({ job_id: `j${i}`, value: 1 })),
    ...Array.from({ length: 3 }, (_, i) =>
      letterOf({ job_id: `k${i}`, value: 1 }, { errorClass: 'InvalidJob', fingerprint: 'other' }),
    ),
  ]);
  await sendAll(stage, stage.queueUrl('mail-dlq'), [letterOf('no json', { type: 'unknown' })]);
  const { code, out, err } = await stage.sluice('dlq', 'list', '--json');
  expect(err).toBe('');
  expect(code).toBe(0);
  const { groups, queues } = JSON.parse(out);
  expect(
    groups.map((group: Record<string, unknown>) => [group.queue, group.errorClass, group.type, group.count]),
  ).toEqual([
    ['jobs', 'PermanentError', 'triple', 25],
    ['jobs', 'InvalidJob', 'triple', 3],
    ['mail', 'PermanentError', 'unknown', 1],
  ]);
  expect(groups[0]).toMatchObject({
    fingerprint: 'abcDEF-12345',
    recorded: true,
    firstSeen: '2026-01-01T00:00:00.000Z',
    lastSeen: '2026-01-01T01:00:00.000Z',
    example: { jobId: expect.stringMatching(/^j\d+$/), message: 'POST https://example.com/hook answered 404' },
  });
  expect(queues).toContainEqual({
    queue: 'jobs',
    fifo: false,
    seen: 28,
    matched: 28,
    full: false,
    stale: 0,
    waiting: 0,
    elsewhere: 0,
  });
  expect(await depth(stage, jobs)).toEqual([28, 0]);
});

test('what SQS moved without a reason is explained by the ledger and its type', async () => {
  const webhook = (job_id: string) => ({ type: 'webhook', job_id, url: 'https://example.com/', payload: {} });
  const past = Date.now() - 60_000;
  await movedBySqs(webhook('killed'));
  await ledgerHolds('webhook', webhook('killed'), 'running', past);
  await movedBySqs(webhook('failed'));
  await ledgerHolds('webhook', webhook('failed'), 'failed');
  await movedBySqs(webhook('throttled'));
  await movedBySqs({ job_id: 'pure', value: 1 });
  await movedBySqs({ job_id: 'done', value: 2 });
  await ledgerHolds('triple', { job_id: 'done', value: 2 } as never, 'done');
  await movedBySqs({ job_id: 'invalid' });
  await sendAll(stage, jobs, [{ MessageBody: '{"job_id":"by hand","value":1}' }]);

  const { out } = await stage.sluice('dlq', 'list', '--json');
  const classes = Object.fromEntries(
    JSON.parse(out).groups.flatMap(({ errorClass, recorded, count, example }: Listed) => [
      [example.jobId, { errorClass, recorded, count }],
    ]),
  );
  const concluded = (errorClass: string, count = 1) => ({ errorClass, recorded: false, count });
  expect(classes).toEqual({
    killed: concluded('KilledOrTimedOut'),
    failed: concluded('FailedEachTime'),
    throttled: concluded('NeverRan'),
    pure: concluded('NeverRanOrKilled'),
    done: concluded('AlreadyDone'),
    invalid: concluded('NeverRan'),
    'by hand': concluded('SentHere'),
  });
  // Looking adds to the receive count, and must not change the conclusion.
  const classesOf = (text: string) =>
    JSON.parse(text)
      .groups.map(({ errorClass }: Listed) => errorClass)
      .toSorted();
  expect(classesOf((await stage.sluice('dlq', 'list', '--json')).out)).toEqual(classesOf(out));
  const filtered = await stage.sluice('dlq', 'list', '--error', 'KilledOrTimedOut', '--json');
  expect(JSON.parse(filtered.out).groups).toHaveLength(1);
  expect((await stage.sluice('dlq', 'list')).out).toContain('KilledOrTimedOut*');
});

test('without --json it fits 80 columns and has no colour where it is piped', async () => {
  await sendAll(stage, jobs, [
    letterOf(
      { type: 'a-rather-long-type-name', job_id: `${'long-'.repeat(20)}id`, value: 1 },
      { errorClass: 'AVeryLongErrorClassNameIndeedException', message: 'words and words '.repeat(40) },
    ),
    letterOf({ job_id: '\u001b[31mred', value: 1 }, { message: 'rings \u0007 the bell' }),
  ]);
  const { out } = await stage.sluice('dlq', 'list');
  expect(Math.max(...out.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
  expect(stripVTControlCharacters(out)).toBe(out);
  expect(out).not.toContain('\u0007');
  expect(out).toContain('jobs: 2 dead letters in 2 groups');
  expect(out).toContain('npx sluice dlq redrive --fingerprint abcDEF-12345 --dry-run');
});

test('filters are and-ed, and what they leave out is not touched', async () => {
  await sendAll(stage, jobs, [
    letterOf({ job_id: 'a', value: 11, customer: { tier: 'gold' } }),
    letterOf({ job_id: 'b', value: 11, customer: { tier: 'iron' } }),
    letterOf({ job_id: 'c', value: 9, customer: { tier: 'gold' } }),
  ]);
  const { out } = await stage.sluice('dlq', 'list', '--where', 'value>10', '--where', 'customer.tier=gold', '--json');
  expect(JSON.parse(out)).toMatchObject({ groups: [{ count: 1, example: { jobId: 'a' } }] });
  const none = await stage.sluice('dlq', 'list', '--older-than', '1h', '--job-id', 'zzz');
  expect(none).toMatchObject({ code: 0, out: expect.stringContaining('jobs: 0 dead letters of 3') });
});

test.each([
  [['--where', 'value 10'], 'at column 7'],
  [['--older-than', 'yesterday'], 'Write a number and a unit: 45s, 30m, 2h, 3d.'],
  [['--queue', 'nobody'], 'has no queue "nobody"; it has: '],
])('%j is a usage error that says what to write', async (args, message) => {
  const { code, err, out } = await stage.sluice('dlq', 'list', ...args);
  expect(code).toBe(2);
  expect(err).toContain(message);
  expect(out).toBe('');
});

test('letters that another consumer holds are named as not looked at', async () => {
  await sendAll(
    stage,
    jobs,
    [1, 2, 3].map((value) => letterOf({ job_id: `j${value}`, value })),
  );
  await stage.sqs.send(new ReceiveMessageCommand({ QueueUrl: jobs, MaxNumberOfMessages: 2, VisibilityTimeout: 30 }));
  const { out } = await stage.sluice('dlq', 'list', '--queue', 'jobs');
  expect(out).toContain('jobs: 1 dead letter in 1 group');
  expect(out).toContain('jobs: about 2 letters held by other consumers');
});

test('of FIFO queues ten letters of a group are listed, and it says how many are behind', async () => {
  await sendAll(
    stage,
    stage.queueUrl('orders-dlq.fifo'),
    Array.from({ length: 12 }, (_, n) => `${n}`).map((n) =>
      letterOf({ job_id: n, value: 1 }, {}, { MessageGroupId: 'g', MessageDeduplicationId: n }),
    ),
  );
  const { out } = await stage.sluice('dlq', 'list', '--queue', 'orders.fifo', '--group', 'g');
  expect(out).toContain('orders.fifo: 10 dead letters in 1 group');
  expect(out).toContain('about 2 more letters behind the heads of their groups');
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('Ctrl-C in the middle of a scan gives every letter back', async () => {
  await sendAll(
    stage,
    jobs,
    Array.from({ length: 3_000 }, (_, i) => letterOf({ job_id: `j${i}`, value: 1 })),
  );
  const { child, ended } = stage.process(['dlq', 'list']);
  for (let inFlight = 0; inFlight === 0 && child.exitCode === null; ) [, inFlight] = await depth(stage, jobs);
  child.kill('SIGINT');
  const { code, out } = await ended;
  expect(code).toBe(130);
  expect(out).toBe('');
  expect(await depth(stage, jobs)).toEqual([3_000, 0]);
});

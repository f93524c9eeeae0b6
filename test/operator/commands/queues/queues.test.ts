import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { problemsOf, type QueueReport } from '../../../../operator/commands/queues/report.ts';
import { queuesTable } from '../../../../operator/commands/queues/view.ts';
import { stylesFor } from '../../../../operator/output/style.ts';
import { CONSUMER, stageUnderTest } from '../../stage-under-test.ts';

test('every queue is shown with its depth, its dead letters and its consumer', async () => {
  await using world = await stageUnderTest(CONSUMER);
  const { sqs, queues } = world.stage;
  const [jobs] = queues;
  for (const url of [jobs?.url, jobs?.url, jobs?.deadLetters?.url]) {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
  }
  await sqs.send(new SendMessageCommand({ QueueUrl: jobs?.url, MessageBody: 'x', DelaySeconds: 900 }));
  const { code, stdout, stderr } = await world.sluice(['queues']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(
    [
      'queue        waiting  in flight  delayed  oldest  dead  consumer',
      'jobs               2          0        1       -     1  disabled, batch 10 x 2',
      'orders.fifo        0          0        0       -     0  none',
      '',
    ].join('\n'),
  );
  const json = JSON.parse((await world.sluice(['queues', '--json', '--queue', 'jobs'])).stdout);
  expect(json).toEqual([
    {
      name: 'jobs',
      url: jobs?.url,
      waiting: 2,
      inFlight: 0,
      delayed: 1,
      oldestAgeSeconds: null,
      deadLetters: { url: jobs?.deadLetters?.url, waiting: 1, inFlight: 0 },
      consumers: [{ functionName: 'sluice-test-worker', state: 'Disabled', batchSize: 10, maximumConcurrency: 2 }],
    },
  ]);
});

test('--check ends with 1 for dead letters and for a disabled consumer, and with 0 without', async () => {
  await using world = await stageUnderTest(CONSUMER);
  const fine = await world.sluice(['queues', '--check', '--queue', 'orders.fifo']);
  expect({ code: fine.code, stderr: fine.stderr }).toEqual({ code: 0, stderr: '' });
  const disabled = await world.sluice(['queues', '--check', '--queue', 'jobs']);
  expect(disabled.stderr).toBe('jobs: its consumer sluice-test-worker is disabled\n');
  expect(disabled.code).toBe(1);
});

const REPORT: QueueReport = {
  name: 'jobs',
  url: 'http://x/jobs',
  waiting: 1_234_567,
  inFlight: 120_000,
  delayed: 1_000_000,
  oldestAgeSeconds: 302_400,
  deadLetters: { url: 'http://x/dlq', waiting: 0, inFlight: 2 },
  consumers: [{ functionName: 'worker', state: 'Enabled', batchSize: 10_000, maximumConcurrency: 1_000 }],
};

test('a letter that somebody looks at is dead all the same', () => {
  expect(problemsOf(REPORT)).toEqual([expect.stringContaining('npx sluice dlq list --queue jobs')]);
  expect(problemsOf({ ...REPORT, deadLetters: null })).toEqual([]);
});

test('long names and large counts stay within 80 columns', () => {
  const names = ['jobs', 'a-queue-with-a-name-that-has-eighty-characters-as-sqs-allows-for-its-queues.fifo'];
  const text = queuesTable(
    names.map((name) => ({ ...REPORT, name })),
    stylesFor(process.stdout),
  );
  expect(text.split('\n').every((line) => line.length <= 80)).toBe(true);
  expect(text).toContain('1,234,567');
  expect(text).toContain('3 d 12 h');
});

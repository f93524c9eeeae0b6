import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { PublishCommand } from '@aws-sdk/client-sns';
import { takeAccount } from '../../demo/account/account.ts';
import { cameFrom, readDeadLetters, redrive } from '../../demo/dead-letters.ts';
import { createMix } from '../../demo/mix.ts';
import { drained } from '../../demo/queue.ts';
import { Receiver } from '../../demo/receiver.ts';
import { sendAll, toSending } from '../../demo/sending.ts';
import { readTable } from '../../demo/table.ts';
import { ENVIRONMENT, openAccount, resourcesOf } from './account.ts';
import { serverless } from './cli.ts';
import { ROOT } from './implementations/server.ts';

/** As the stage `demo`: short times, so that what fails has failed for good within the test. */
const PARAMETERS = ['timeout=3', 'maxReceiveCount=4', 'batchSize=25', 'maximumConcurrency=4', 'workerConcurrency=25'];
const DEPLOY = ['deploy --stage local', ...PARAMETERS].join(' --param ');
const TABLE = 'job-results-outbox-v1-local';
/** For what runs several commands, and waits for its turn at each. */
const COMMANDS_MS = 300_000;
const DRAIN_MS = 120_000;

const account = openAccount();
const receiver = new Receiver();
let outputs: Record<string, string>;

/** @returns the command's output; fails the test when the command fails */
async function run(command: string, env: object = {}): Promise<string> {
  const { code, output } = await serverless(command, { ...ENVIRONMENT, ...env });
  if (code !== 0) throw new Error(`serverless ${command} ended with ${code}:\n${output}`);
  return output;
}

async function stack() {
  const { Stacks = [] } = await account.stacks.send(new DescribeStacksCommand({ StackName: 'sluice-local' }));
  return Stacks[0];
}

async function variables(): Promise<Record<string, string>> {
  const command = new GetFunctionConfigurationCommand({ FunctionName: 'sluice-local-jobs' });
  return (await account.functions.send(command)).Environment?.Variables ?? {};
}

/** What the function has written as JSON. */
async function functionLog(): Promise<object[]> {
  const group = { logGroupName: '/aws/lambda/sluice-local-jobs' };
  const lines: object[] = [];
  for await (const { events = [] } of paginateFilterLogEvents({ client: account.logs }, group)) {
    lines.push(...events.flatMap(({ message = '' }) => (message.startsWith('{') ? [JSON.parse(message)] : [])));
  }
  return lines;
}

// One deployment, and what a user does with it, in this order.
beforeAll(async () => {
  await run(DEPLOY);
  outputs = Object.fromEntries((await stack())?.Outputs?.map((one) => [one.OutputKey, one.OutputValue]) ?? []);
}, COMMANDS_MS);

afterAll(async () => {
  await receiver.close();
  for (const client of Object.values(account)) client.destroy();
});

test('a deployment creates the stack, and its outputs say where queues and table are', async () => {
  expect((await stack())?.StackStatus).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
  expect(outputs).toMatchObject({
    JobsQueueUrl: expect.stringMatching(/\/sluice-local-jobs$/),
    JobsDeadLetterQueueUrl: expect.stringMatching(/\/sluice-local-jobs-dlq$/),
    ResultsTableName: TABLE,
  });
});

test('the alarms of the queue and of the function watch what they say', async () => {
  const { MetricAlarms = [] } = await account.alarms.send(new DescribeAlarmsCommand({}));
  const watched = MetricAlarms.map(
    ({ AlarmName, MetricName, Threshold }) => `${AlarmName}: ${MetricName} > ${Threshold}`,
  );
  expect(watched).toEqual(
    expect.arrayContaining([
      'sluice-local-jobs-age: ApproximateAgeOfOldestMessage > 300',
      'sluice-local-jobs-dead-letters: ApproximateNumberOfMessagesVisible > 0',
      'sluice-local-jobs-depth: ApproximateNumberOfMessagesVisible > 1000',
      'sluice-local-jobs-errors: Errors > 10',
    ]),
  );
});

test('the table is on demand', async () => {
  const { Table } = await account.dynamodb.send(new DescribeTableCommand({ TableName: TABLE }));
  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } });
});

test(
  'of every kind of message the demo sends, each ends in one place, and after the repair a redrive mends what it can',
  async () => {
    const { JobsQueueUrl: to = '', JobsDeadLetterQueueUrl: from = '' } = outputs;
    const { sqs } = account;
    const receiverUrl = await receiver.listen();
    // What is deployed has no job type that ends its process: the demo and test/faults have one.
    const mix = createMix({ jobs: 150, seed: 1, receiverUrl }).filter(({ kind }) => kind !== 'killer');
    const settled = (unsent = () => 0) =>
      drained(sqs, to, AbortSignal.timeout(DRAIN_MS), { onDepth: () => undefined, unsent });

    await sendAll(sqs, to, mix.map(toSending), () => undefined);
    await settled();
    const { letters, holding } = await readDeadLetters(sqs, from);
    for (const { reason } of letters) expect(reason).toMatchObject({ functionName: 'sluice-local-jobs' });
    receiver.repair();
    const isRepairable = cameFrom(receiverUrl);
    await redrive(sqs, letters.filter(isRepairable), { holding, to, onSent: () => undefined });
    const left = await settled();
    const garbage = letters.filter((letter) => !isRepairable(letter));
    await holding.release();

    const { deliveries } = receiver;
    const items = await readTable(account.dynamodb, TABLE);
    const { letters: deadLetters, holding: inTheEnd } = await readDeadLetters(sqs, from);
    const taken = takeAccount({ sent: mix, items, deadLetters, left, deliveries, crashes: [], timeoutMs: 3_000 });
    expect(taken.discrepancies).toEqual([]);
    expect(taken).toMatchObject({ sent: mix.length, stored: expect.any(Number), dead: garbage.length });
    expect(taken.stored).toBeGreaterThan(100);
    await inTheEnd.release();
  },
  COMMANDS_MS,
);

test(
  'an order that is published is done by each of its three consumers, and one that costs nothing is told to nobody',
  async () => {
    const TopicArn = outputs.OrdersTopicArn;
    const publish = (order_id: string, amount: number) => {
      const Message = JSON.stringify({ order_id, amount, customer_id: 'c-1' });
      return account.topics.send(new PublishCommand({ TopicArn, Message }));
    };
    for (const [id, amount] of [
      ['free', 0],
      ['paid', 120],
      ['paid', 120],
    ] as const)
      await publish(id, amount);
    const consumers = ['OrderDashsales', 'OrderDashstock', 'OrderDashnotify'];
    for (const id of consumers) {
      const url = outputs[`${id}QueueUrl`] ?? '';
      await drained(account.sqs, url, AbortSignal.timeout(DRAIN_MS), { onDepth: () => undefined, unsent: () => 0 });
    }
    const items = await readTable(account.dynamodb, TABLE);
    const done = items.filter(({ jobId, status }) => jobId.startsWith('order-') && status === 'done');
    expect(done.map(({ jobId }) => jobId).sort()).toEqual([
      'order-notify:paid',
      'order-sales:free',
      'order-sales:paid',
      'order-stock:free',
      'order-stock:paid',
    ]);
    expect(done.find(({ jobId }) => jobId === 'order-sales:paid')?.result).toMatchObject({ net: 100, vat: 20 });
    for (const id of consumers) {
      const { letters, holding } = await readDeadLetters(account.sqs, outputs[`${id}DeadLetterQueueUrl`] ?? '');
      expect(letters).toEqual([]);
      await holding.release();
    }
  },
  COMMANDS_MS,
);

test('the function logs JSON lines, among them the metrics of its batches', async () => {
  const lines = await functionLog();
  expect(lines).toContainEqual(expect.objectContaining({ action: 'batch_processed', trace_id: expect.any(String) }));
  expect(lines).toContainEqual(expect.objectContaining({ action: 'job_dead_lettered', status: 'error' }));
  expect(lines).toContainEqual(
    expect.objectContaining({ _aws: expect.anything(), MessagesReceived: expect.anything() }),
  );
});

// These fail once MiniStack does what AWS does; then they become tests of ours.
describe('MiniStack differs from AWS, not Sluice', () => {
  test('its CloudFormation leaves out the time to live that the template gives the table', async () => {
    const path = join(ROOT, '.serverless/cloudformation-template-update-stack.json');
    const { ResultsTable } = JSON.parse(readFileSync(path, 'utf8')).Resources;
    expect(ResultsTable.Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'ttl', Enabled: true });
    const { TimeToLiveDescription } = await account.dynamodb.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));
    expect(TimeToLiveDescription?.TimeToLiveStatus).toBe('DISABLED');
  });

  test('its CloudWatch makes no metrics of the documents that the function logs for it', async () => {
    expect((await functionLog()).filter((line) => '_aws' in line)).not.toEqual([]);
    const { Metrics } = await account.alarms.send(new ListMetricsCommand({ Namespace: 'Sluice' }));
    expect(Metrics).toEqual([]);
  });
});

test(
  'serverless info, print, logs and invoke do what they are for',
  async () => {
    expect(await run('info --stage local')).toMatch(/stack: sluice-local\n.*jobs: sluice-local-jobs/s);
    expect(await run('print --stage local --format json --path functions.jobs.name')).toContain('sluice-local-jobs');
    expect(await run('logs --stage local --function jobs --startTime 30m')).toContain('"action":"batch_processed"');
    const answer = await run('invoke --stage local --function jobs --path events/duplicates.json');
    expect(answer).toMatch(/\{\s*"batchItemFailures": \[\]\s*\}/);
    const { Records } = JSON.parse(readFileSync(join(ROOT, 'events/duplicates.json'), 'utf8'));
    const jobId = JSON.parse(Records[0].body).job_id;
    const items = await readTable(account.dynamodb, TABLE);
    expect(items.filter((item) => item.jobId === jobId)).toHaveLength(1);
  },
  COMMANDS_MS,
);

test(
  'a parameter that changes reaches the function with the next deployment, and no item is lost',
  async () => {
    const before = await readTable(account.dynamodb, TABLE);
    expect(await variables()).toMatchObject({ WORKER_CONCURRENCY: '25', RESULT_TTL_DAYS: '30' });
    await run(`${DEPLOY.replace('workerConcurrency=25', 'workerConcurrency=7')} --param resultTtlDays=28`);
    expect(await variables()).toMatchObject({ WORKER_CONCURRENCY: '7', RESULT_TTL_DAYS: '28', MAX_RECEIVE_COUNT: '4' });
    expect((await stack())?.StackStatus).toBe('UPDATE_COMPLETE');
    const after = await readTable(account.dynamodb, TABLE);
    const byId = (items: typeof before) => items.toSorted((a, b) => (a.jobId < b.jobId ? -1 : 1));
    expect(byId(after)).toEqual(byId(before));
    expect(before.length).toBeGreaterThan(100);
  },
  COMMANDS_MS,
);

test(
  'a second stage of any name lives beside the first',
  async () => {
    await run('deploy --stage alice');
    expect(await resourcesOf('alice', account)).toEqual(expect.arrayContaining(['function sluice-alice-jobs']));
    await run('remove --stage alice');
    expect(await resourcesOf('alice', account)).toEqual([]);
    expect((await readTable(account.dynamodb, TABLE)).length).toBeGreaterThan(100);
  },
  COMMANDS_MS,
);

test(
  'serverless remove leaves nothing behind',
  async () => {
    const kinds = new Set((await resourcesOf('local', account)).map((found) => found.replace(/ \S+$/, '')));
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        'alarm',
        'bucket',
        'dashboard',
        'function',
        'log group',
        'mapping',
        'queue',
        'role',
        'stack',
        'table',
        'topic',
      ]),
    );
    await run('remove --stage local');
    expect(await resourcesOf('local', account)).toEqual([]);
  },
  COMMANDS_MS,
);

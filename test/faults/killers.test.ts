import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { readDeadLetters } from '../../demo/dead-letters.ts';
import { DEED_NAMES } from '../../demo/jobs/saboteur.ts';
import { sendAll } from '../../demo/sending.ts';
import { readTable } from '../../demo/table.ts';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { countsOf } from '../../operator/stage/counts.ts';

const TEMPLATE = '.sluice/test/cloudformation-template-update-stack.json';
const NAME = 'sluice-test-jobs';
const TABLE = 'job-results-outbox-v1-test';

/** A process that is gone, and with it its invocation. */
const DEATH = /Runtime exited with|Task timed out after|Unhandled Promise Rejection|Uncaught Exception/;

let cloud: Cloud;
let lines: string[];

beforeEach(async () => {
  lines = [];
  cloud = await startCloud({
    template: TEMPLATE,
    port: 0,
    onLog: (line, name) => name === NAME && lines.push(line),
  });
});

afterEach(() => cloud.close());

function clients() {
  const options = {
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return { sqs: new SQSClient(options), dynamodb: new DynamoDBClient(options) };
}

/** Sends the messages and waits until their queue is empty. @returns what became of them, by job id */
async function sendAndDrain(jobs: readonly { job_id: string }[]) {
  const { sqs, dynamodb } = clients();
  const queueUrl = `${cloud.endpoint}/000000000000/${NAME}`;
  await sendAll(sqs, queueUrl, jobs.map((job) => ({ body: JSON.stringify(job), attributes: {} })) as never, () => {});
  for (let waited = 0; ; waited += 250) {
    const { waiting, inFlight, delayed } = await countsOf(sqs, queueUrl);
    if (waiting + inFlight + delayed === 0) break;
    if (waited > 150_000)
      throw new Error(`${waiting} waiting, ${inFlight} in flight, ${delayed} delayed after a while`);
    await delay(250);
  }
  const items = await readTable(dynamodb, TABLE);
  const { letters } = await readDeadLetters(sqs, `${queueUrl}-dlq`);
  return {
    stored: new Map(items.filter(({ status }) => status === 'done').map(({ jobId, result }) => [jobId, result])),
    dead: new Map(letters.map(({ body, reason }) => [JSON.parse(body).job_id as string, reason])),
    deaths: lines.filter((line) => DEATH.test(line)).length,
  };
}

const triples = (count: number) => Array.from({ length: count }, (_, i) => ({ job_id: `t${i}`, value: i }));
const killersOf = (each: number) =>
  DEED_NAMES.flatMap((deed) =>
    Array.from({ length: each }, (_, i) => ({ type: 'saboteur', job_id: `${deed}-${i}`, deed })),
  );

/** Evenly spread, so that each batch has its share of both. */
function mixed<One, Other>(many: readonly One[], few: readonly Other[]): (One | Other)[] {
  const step = Math.max(1, Math.floor(many.length / few.length));
  const spread = many.flatMap((one, i) => {
    const other = i % step === 0 ? few[i / step] : undefined;
    return other === undefined ? [one] : [other, one];
  });
  return [...spread, ...few.slice(Math.ceil(many.length / step))];
}

// Four kinds at once. Each case takes a visibility timeout of 13 s, and invocations of 2 s that run suspects one by one.
test.each([
  [1, 96],
  [2, 92],
  [3, 88],
  [3, 0],
])(
  'with %d killers of each kind among %d others all others are stored, and the killers are named',
  async (each, others) => {
    const innocents = triples(others);
    const killers = killersOf(each);
    const { stored, dead, deaths } = await sendAndDrain(mixed(innocents, killers));
    expect([...dead.keys()].sort()).toEqual(killers.map(({ job_id }) => job_id).sort());
    for (const reason of dead.values()) expect(reason).toMatchObject({ errorClass: 'KilledItsProcess' });
    expect(stored.size).toBe(others);
    for (const { job_id, value } of innocents) expect(stored.get(job_id)).toBe(value * 3);
    expect(deaths).toBeLessThanOrEqual(3 * killers.length);
  },
  180_000,
);

test('a job that ends the function’s process from its sandbox is named by the leases that it left', async () => {
  const innocents = triples(20);
  const killer = { type: 'saboteur', job_id: 'parent', deed: 'parent' };
  const { stored, dead, deaths } = await sendAndDrain([...innocents, killer]);
  expect([...dead.keys()]).toEqual(['parent']);
  expect(dead.get('parent')).toMatchObject({
    errorClass: 'KilledItsProcess',
    message: expect.stringContaining('the process ended in each of 2 runs of this job alone'),
  });
  expect(stored.size).toBe(innocents.length);
  expect(deaths).toBe(3);
}, 180_000);

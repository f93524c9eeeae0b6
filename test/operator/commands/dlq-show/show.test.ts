import { letterOf } from '../../dead-letters/letters.ts';
import { depth, sendAll } from '../../dead-letters/world.ts';
import { type Operator, operator } from '../../operator.ts';

let stage: Operator;
let jobs: string;

beforeEach(async () => {
  stage = await operator();
  jobs = stage.queueUrl('jobs-dlq');
  await sendAll(stage, jobs, [
    letterOf({ job_id: 'other', value: 1 }),
    letterOf(
      { job_id: 'wanted', value: 'not a number' },
      { messageId: 'first-id', message: 'the job /value must be number', errorClass: 'InvalidJob' },
      {
        MessageAttributes: { Bytes: { DataType: 'Binary.raw', BinaryValue: Uint8Array.of(0, 255) } },
        MessageGroupId: 'tenant',
      },
    ),
  ]);
});
afterEach(() => stage[Symbol.asyncDispose]());

test('a letter is found by job id, by its original message id and by its own, with all there is to know', async () => {
  const byJob = await stage.sluice('dlq', 'show', 'wanted', '--json');
  expect(byJob.code).toBe(0);
  const { count, letters } = JSON.parse(byJob.out);
  expect(count).toBe(1);
  expect(letters[0]).toMatchObject({
    queue: 'jobs',
    body: '{"job_id":"wanted","value":"not a number"}',
    jobId: 'wanted',
    attributes: { Bytes: { DataType: 'Binary.raw', BinaryValue: 'AP8=' } },
    system: { MessageGroupId: 'tenant' },
    reason: { errorClass: 'InvalidJob', messageId: 'first-id' },
    cause: { recorded: true },
    known: { job: { problem: 'triple: /value must be number' } },
  });
  expect(letters[0]).not.toHaveProperty('receiptHandle');
  for (const id of ['first-id', letters[0].messageId]) {
    const again = JSON.parse((await stage.sluice('dlq', 'show', id, '--json')).out);
    expect(again.letters[0].jobId).toBe('wanted');
  }
  expect(await depth(stage, jobs)).toEqual([2, 0]);
});

test('for people it says what fails today, shows the body as JSON and fits 80 columns', async () => {
  const { out } = await stage.sluice('dlq', 'show', 'wanted');
  expect(out).toContain('would fail: triple: /value must be number');
  expect(out).toContain('Bytes (Binary.raw): AP8= (base64)');
  expect(out).toContain('  "value": "not a number"');
  expect(out).toMatch(/^ledger +not asked/m);
  expect(Math.max(...out.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
});

test('what is not there ends with exit code 1 and says where to look next', async () => {
  const { code, err, out } = await stage.sluice('dlq', 'show', 'nobody');
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toContain('none of 2 dead letters is called nobody');
  expect(err).toContain('`npx sluice job nobody`');
});

test('the real binary shows it too', async () => {
  const { code, out } = await stage.process(['dlq', 'show', 'wanted', '--json']).ended;
  expect(code).toBe(0);
  expect(JSON.parse(out).count).toBe(1);
});

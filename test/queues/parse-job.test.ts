import fc from 'fast-check';
import { jobs } from '../../.generated/jobs.ts';
import { parseJob } from '../../src/queues/parse-job.ts';
import { startWorld } from '../world.ts';

const RUNS = { jobs, defaultType: 'triple' };

test('what a body holds is told as the worker sees it', () => {
  expect(parseJob('{"job_id":"a","value":1}', RUNS)).toMatchObject({
    type: 'triple',
    key: 'a',
    job: { job_id: 'a', value: 1 },
  });
  expect(() => parseJob('{"job_id":"a","value":1,"type":"no-such"}', RUNS)).toThrow(
    'there is no job type "no-such"; this worker runs triple, webhook',
  );
  expect(() => parseJob('{"job_id":"a","value":"x"}', RUNS)).toThrow('triple: /value must be number');
  expect(() => parseJob(`{"job_id":"${'é'.repeat(1_500)}","value":1}`, RUNS)).toThrow(
    'the idempotency key, "job_id", is 3000 bytes long',
  );
  expect(() => parseJob('{"job_id":"a","value":1}', { jobs, defaultType: undefined })).toThrow('has no default type');
});

/** Bodies that are jobs, nearly jobs and no jobs. */
const body = fc.oneof(
  fc.record({ job_id: fc.string(), value: fc.double({ noNaN: true }) }).map((job) => JSON.stringify(job)),
  fc
    .record(
      {
        job_id: fc.oneof(
          fc.constant('ok'),
          fc.string({ unit: 'binary' }),
          fc.constant('x'.repeat(2_049)),
          fc.integer(),
        ),
        value: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
        type: fc.constantFrom('triple', 'webhook', 'nothing', 7, ''),
        more: fc.json(),
      },
      { requiredKeys: [] },
    )
    .map((job) => JSON.stringify(job)),
  fc.json(),
  fc.string(),
);

test('it says no exactly where the worker says no, and for the same reason', async () => {
  const world = await startWorld();
  try {
    const bodies = fc.sample(body, { numRuns: 300, seed: 11 }).filter((text) => /^[\t\n\r\u0020-\ufffd]+$/u.test(text));
    await world.send(bodies);
    const records = await world.receive();
    await world.worker(Object.fromEntries([...jobs].filter(([name]) => name === 'triple')))(records);
    const runs = { jobs: new Map([...jobs].filter(([name]) => name === 'triple')), defaultType: 'triple' };
    const items = await world.items();
    const reasons = new Map(
      (await world.deadLetters()).map(({ Body = '', MessageAttributes }) => [
        Body,
        JSON.parse(MessageAttributes?.DeadLetterReason?.StringValue ?? '{}'),
      ]),
    );
    let taken = 0;
    for (const { body: text } of records) {
      const answer = attempt(() => parseJob(text, runs));
      if (answer instanceof Error) {
        expect(reasons.get(text)).toMatchObject({ errorClass: 'InvalidJob', message: answer.message });
        continue;
      }
      taken += 1;
      // It may be a conflict with another of its key, or have a result that no table holds.
      if (reasons.has(text)) expect(reasons.get(text).errorClass).not.toBe('InvalidJob');
      else expect(items.has(answer.key)).toBe(true);
    }
    expect(taken).toBeGreaterThan(30);
    expect(reasons.size).toBeGreaterThan(30);
  } finally {
    await world.close();
  }
});

function attempt<Result>(act: () => Result): Result | Error {
  try {
    return act();
  } catch (error) {
    return error as Error;
  }
}

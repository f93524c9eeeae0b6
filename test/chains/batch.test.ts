import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import validate, { type Triple } from '#schemas/triple';
import { PermanentError, TransientError } from '../../src/failures/errors.ts';
import { defineJob } from '../../src/job.ts';
import triple from '../../src/jobs/triple.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE } from '../../src/queues/reason.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  await world.close();
});

const job = (id: string, value = 1) => ({ job_id: id, value });

/** `triple`'s schema with a handler of the test's own. */
function jobType(handle: Parameters<typeof defineJob<Triple>>[0]['handle'], more: object = {}) {
  return defineJob<Triple>({ schema: validate, key: ({ job_id }) => job_id, handle, ...more });
}

async function reasons(): Promise<DeadLetterReason[]> {
  const letters = await world.deadLetters();
  return letters.map(({ MessageAttributes }) =>
    JSON.parse(MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue ?? 'null'),
  );
}

test('the contract: {"job_id","value"} is stored as value * 3 under JobID', async () => {
  await world.send(['{"job_id": "some-job-id", "value": 42}']);
  const { failed } = await world.worker({ triple })(await world.receive());
  expect(failed).toEqual([]);
  expect((await world.items()).get('some-job-id')).toMatchObject({ JobID: 'some-job-id', Result: 126, Status: 'done' });
});

test('a record expires after the configured days', async () => {
  await world.send([job('a')]);
  const now = Date.parse('2026-01-01T00:00:00Z');
  await world.worker(
    { triple },
    { environment: { resultTtlDays: 2 }, clock: { now: () => now } },
  )(await world.receive());
  expect((await world.items()).get('a')?.ttl).toBe(now / 1000 + 2 * 86_400);
});

describe('bad input is dead-lettered with its reason, and no neighbour suffers', () => {
  test.each<[string, string, RegExp]>([
    ['not JSON', '{"job_id":', /not JSON/],
    ['an empty object', '{}', /must have required property 'job_id'/],
    ['an array', '[1]', /must be a JSON object, not an array/],
    ['a number', '42', /must be a JSON object, not a number/],
    ['null', 'null', /must be a JSON object, not null/],
    ['a missing field', '{"job_id":"x"}', /must have required property 'value'/],
    ['a mistyped field', '{"job_id":"x","value":"42"}', /\/value must be number/],
    ['a mistyped id', '{"job_id":7,"value":42}', /\/job_id must be string/],
    ['an empty id', '{"job_id":"","value":42}', /\/job_id must NOT have fewer than 1 char/],
    [
      'a field too many',
      '{"job_id":"x","value":1,"valeu":2}',
      /must NOT have additional properties \(property 3 of 3, whose name has 5 characters\)/,
    ],
    [
      'an unknown type',
      '{"type":"quadruple","job_id":"x","value":1}',
      /no job type "quadruple"; this worker runs triple/,
    ],
    ['a type named like a method', '{"type":"constructor","job_id":"x"}', /no job type "constructor"/],
    ['a type that is no string', '{"type":3,"job_id":"x","value":1}', /"type" must be a string, not a number/],
    [
      'a type that is no name',
      `{"type":"${'x'.repeat(540_000)}"}`,
      /"type" is a text of 540000 characters that is no job/,
    ],
    ['a type with a line break', '{"type":"triple\\n"}', /"type" is a text of 7 characters that is no job type's name/],
    ['an id over 2,048 characters', JSON.stringify(job('x'.repeat(2_049))), /must NOT have more than 2048 characters/],
    [
      'an id over 2,048 bytes',
      JSON.stringify(job('é'.repeat(1_025))),
      /the idempotency key, "job_id", is 2050 bytes long, and DynamoDB takes 1 to 2048/,
    ],
    ['a result that is not finite', '{"job_id":"x","value":1e308}', /is not a finite number/],
    ['a number that JSON reads as infinite', '{"job_id":"x","value":1e999}', /must be number|not a finite number/],
    ['a result that DynamoDB cannot hold', '{"job_id":"x","value":1e200}', /outside of what DynamoDB stores/],
    ['a __proto__ key', '{"job_id":"x","value":1,"__proto__":{"admin":true}}', /__proto__/],
    ['a __proto__ key in disguise', '{"job_id":"x","value":1,"\\u005f_proto__":{"admin":true}}', /__proto__/],
    [
      'an id with half a surrogate pair',
      '{"job_id":"x\\ud800","value":1}',
      /the idempotency key, "job_id", is not well-formed Unicode/,
    ],
    [
      '50,000 levels',
      `{"job_id":"x","value":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
      /nested deeper than 128 levels/,
    ],
    ['50,000 levels that nobody closes', '{"a":'.repeat(50_000), /nested deeper than 128 levels/],
  ])('%s', async (_name, body, message) => {
    await world.send([job('before', 1), body, job('after', 2)]);
    const { failed, report } = await world.worker({ triple })(await world.receive());
    expect(failed).toEqual([]);
    expect(report.verdicts).toMatchObject({ done: 2, dead: 1 });
    const [letter] = await world.deadLetters();
    expect(letter?.Body).toBe(body);
    const reason: DeadLetterReason = JSON.parse(letter?.MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue ?? '');
    expect(reason.message).toMatch(message);
    expect(reason).toMatchObject({
      kind: 'permanent',
      attempts: 1,
      functionName: 'sluice-test-jobs',
      functionVersion: '7',
    });
    expect([...(await world.items()).keys()].sort()).toEqual(['after', 'before']);
  });

  test('a result over 400 KB', async () => {
    const big = jobType(({ value }) => (value === 0 ? 'x'.repeat(400 * 1024) : value));
    await world.send([job('big', 0), job('small', 1)]);
    const { failed } = await world.worker({ triple: big })(await world.receive());
    expect(failed).toEqual([]);
    expect((await reasons())[0]?.message).toMatch(/a DynamoDB item holds 400 KB; store it in S3/);
    expect([...(await world.items()).keys()]).toEqual(['small']);
  });

  test('a result that is nested too deep for DynamoDB, among 24 others of its request', async () => {
    const nest = (depth: number): never => (depth === 0 ? 1 : [nest(depth - 1)]) as never;
    const type = jobType(({ value }) => nest(value));
    await world.send([...Array.from({ length: 24 }, (_, i) => job(`ok-${i}`, 31)), job('deep', 32)]);
    const { report } = await world.worker({ triple: type })(await world.receive());
    expect(report.verdicts).toMatchObject({ done: 24, dead: 1 });
    expect((await world.items()).size).toBe(24);
    expect((await reasons())[0]?.message).toMatch(/32 levels/);
  });

  test('a result that contains itself, at once', async () => {
    const type = jobType(() => {
      const self: Record<string, unknown> = {};
      self.self = self;
      return self as never;
    });
    await world.send([job('loop')]);
    await world.worker({ triple: type })(await world.receive());
    expect(await reasons()).toMatchObject([
      { attempts: 1, message: expect.stringMatching(/contains itself at \/self/) },
    ]);
  });
});

describe('duplicates', () => {
  test('twice in one batch: one write, both acknowledged', async () => {
    await world.send([job('a', 5), job('a', 5), job('b', 6)]);
    const { failed, report } = await world.worker({ triple })(await world.receive());
    expect(failed).toEqual([]);
    expect(report.verdicts).toMatchObject({ done: 2, duplicate: 1 });
  });

  test('later: acknowledged, and the first result is not overwritten', async () => {
    await world.send([job('a', 5)]);
    await world.worker({ triple })(await world.receive());
    const first = (await world.items()).get('a');
    await world.send([{ type: 'triple', value: 5, job_id: 'a' }]);
    const { failed, report } = await world.worker({ triple })(await world.receive());
    expect({ failed, duplicate: report.verdicts.duplicate }).toEqual({ failed: [], duplicate: 1 });
    expect((await world.items()).get('a')).toEqual(first);
  });

  test('the same 700 jobs to two workers at once: 700 results, nothing reported as failed', async () => {
    const jobs = Array.from({ length: 700 }, (_, i) => job(`j${i}`, i));
    await world.send([...jobs, ...jobs]);
    const records = await world.receive();
    const half = (wanted: number) => {
      const seen = new Map<string, number>();
      return records.filter(({ body }) => {
        seen.set(body, (seen.get(body) ?? 0) + 1);
        return seen.get(body) === wanted;
      });
    };
    const [one, two] = [world.worker({ triple }), world.worker({ triple })];
    const results = await Promise.all([one(half(1)), two(half(2))]);
    expect(results.map(({ failed }) => failed)).toEqual([[], []]);
    const total = (kind: 'done' | 'duplicate') => results.reduce((sum, { report }) => sum + report.verdicts[kind], 0);
    expect({ done: total('done'), duplicate: total('duplicate') }).toEqual({ done: 700, duplicate: 700 });
    const items = await world.items();
    for (const { job_id, value } of jobs) expect(items.get(job_id)?.Result).toBe(value * 3);
  });

  test('the same id with another payload: the first stays, the second is dead with both fingerprints', async () => {
    await world.send([job('a', 5)]);
    await world.worker({ triple })(await world.receive());
    const stored = (await world.items()).get('a');
    await world.send([job('a', 6), job('b', 7)]);
    const { failed } = await world.worker({ triple })(await world.receive());
    expect(failed).toEqual([]);
    const [reason] = await reasons();
    expect(reason).toMatchObject({ errorClass: 'PayloadConflict', kind: 'permanent', jobId: 'a' });
    expect(reason?.message).toContain(String(stored?.Fingerprint));
    expect((await world.items()).get('a')).toEqual(stored);
    expect((await world.items()).get('b')?.Result).toBe(21);
  });

  test('an expired record counts as absent before DynamoDB deletes it, for any payload', async () => {
    await world.send([job('a', 5)]);
    await world.worker({ triple })(await world.receive());
    await world.send([job('a', 6)]);
    const later = Date.now() + 31 * 86_400_000;
    const { report } = await world.worker({ triple }, { clock: { now: () => later } })(await world.receive());
    expect(report.verdicts.done).toBe(1);
    expect((await world.items()).get('a')?.Result).toBe(18);
  });
});

describe('failing jobs', () => {
  test('a transient error is retried after its back-off, its neighbours are stored', async () => {
    const type = jobType(({ value }) => {
      if (value === 0) throw new TransientError('the service is down');
      return value;
    });
    await world.send([job('bad', 0), job('good', 1)]);
    const records = await world.receive();
    const { failed, report } = await world.worker({ triple: { ...type, retry: { baseMs: 1, capMs: 1, attempts: 5 } } })(
      records,
    );
    expect(failed).toEqual(records.filter(({ body }) => body.includes('bad')).map(({ messageId }) => messageId));
    expect(report.verdicts).toMatchObject({ retry: 1, done: 1 });
    // A back-off of at most 1 ms is 1 s of visibility; the queue's own would be 30 s.
    await delay(1_200);
    const [again] = await world.receive();
    expect(again?.attributes.ApproximateReceiveCount).toBe('2');
    expect(await world.deadLetters()).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ['an object without a prototype', () => Object.create(null)],
    ['an object that cannot become a text', () => ({ toString: 0 })],
    ['an error whose message is none', () => Object.assign(new Error('x'), { message: 7, name: Symbol('x') })],
    ['nothing', () => undefined],
  ])('a handler that throws %s is retried, and its neighbours are stored', async (_name, make) => {
    const type = jobType(({ value }) => {
      if (value === 0) throw make();
      return value;
    });
    await world.send([job('odd', 0), job('good', 1)]);
    const { failed, report } = await world.worker({ triple: type })(await world.receive());
    expect(failed).toHaveLength(1);
    expect(report.verdicts).toMatchObject({ retry: 1, done: 1 });
  });

  test('Retry-After is honoured as a lower bound', async () => {
    const type = jobType(() => {
      throw new TransientError('busy', { retryAfterMs: 3_000 });
    });
    await world.send([job('a')]);
    await world.worker({ triple: { ...type, retry: { baseMs: 1, capMs: 1, attempts: 5 } } })(await world.receive());
    await delay(1_500);
    expect(await world.receive()).toEqual([]);
    await delay(1_700);
    expect(await world.receive()).toHaveLength(1);
  });

  test('a permanent error is dead-lettered on its first receive', async () => {
    const type = jobType(({ value }) => {
      if (value === 0) throw new PermanentError('no such customer');
      return value;
    });
    await world.send([job('bad', 0), job('good', 1)]);
    const { failed } = await world.worker({ triple: type })(await world.receive());
    expect(failed).toEqual([]);
    expect(await reasons()).toMatchObject([
      { errorClass: 'PermanentError', message: 'no such customer', jobId: 'bad', attempts: 1 },
    ]);
    expect([...(await world.items()).keys()]).toEqual(['good']);
  });

  test('a transient error on the last permitted receive is dead-lettered with its reason', async () => {
    const type = jobType(() => {
      throw new TransientError('still down');
    });
    const worker = world.worker({ triple: { ...type, retry: { baseMs: 1, capMs: 1, attempts: 2 } } });
    await world.send([job('a')]);
    expect((await worker(await world.receive())).failed).toHaveLength(1);
    await delay(1_200);
    expect((await worker(await world.receive())).failed).toEqual([]);
    const [reason] = await reasons();
    expect(reason).toMatchObject({ kind: 'transient', message: 'still down', attempts: 2 });
    expect(Date.parse(reason?.firstFailedAt ?? '')).toBeLessThan(Date.parse(reason?.lastFailedAt ?? ''));
  });

  test('the dead letter keeps body and attributes byte for byte, binary ones included', async () => {
    const body = '{"job_id": "x",\n  "value": "\u00e9\ud83d\ude00" }';
    const attributes = {
      text: { DataType: 'String', StringValue: 'ünï' },
      number: { DataType: 'Number.int', StringValue: '007' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255, 128, 10]) },
    };
    await world.send([body], { MessageAttributes: attributes });
    await world.worker({ triple })(await world.receive());
    const [letter] = await world.deadLetters();
    expect(letter?.Body).toBe(body);
    const { [REASON_ATTRIBUTE]: _, ...kept } = letter?.MessageAttributes ?? {};
    expect(kept.text).toMatchObject(attributes.text);
    expect(kept.number).toMatchObject(attributes.number);
    expect(Buffer.from(kept.bytes?.BinaryValue ?? [])).toEqual(attributes.bytes.BinaryValue);
    expect(Object.keys(kept)).toHaveLength(3);
  });

  test('of ten attributes nine stay, and the tenth travels inside the reason', async () => {
    const MessageAttributes = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [`a${i}`, { DataType: 'String', StringValue: `v${i}` }]),
    );
    await world.send(['nonsense'], { MessageAttributes });
    await world.worker({ triple })(await world.receive());
    const [letter] = await world.deadLetters();
    const { [REASON_ATTRIBUTE]: reason, ...kept } = letter?.MessageAttributes ?? {};
    const overflow = JSON.parse(reason?.StringValue ?? '').overflow;
    const names = [...Object.keys(kept), ...Object.keys(overflow)].sort();
    expect(names).toEqual(Object.keys(MessageAttributes));
    expect(Object.keys(kept)).toHaveLength(9);
    for (const [name, { stringValue }] of Object.entries<{ stringValue: string }>(overflow)) {
      expect(stringValue).toBe(MessageAttributes[name]?.StringValue);
    }
  });

  test('a message too large to carry its reason is reported failed, not lost', async () => {
    await world.send(['x'.repeat(1_048_576)]);
    const records = await world.receive();
    const { failed } = await world.worker({ triple })(records);
    expect(failed).toEqual(records.map(({ messageId }) => messageId));
    expect(await world.deadLetters()).toEqual([]);
  });

  test('exactly the failed record is reported, also where an often received one was worked on first', async () => {
    const type = jobType(({ value }) => {
      if (value === 0) throw new TransientError('down');
      return value;
    });
    await world.send([job('bad', 0), job('good', 1), job('old', 2)]);
    const records = await world.receive();
    const old = (record: (typeof records)[number]) =>
      record.body.includes('old')
        ? { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: '3' } }
        : record;
    const { failed } = await world.worker({ triple: type })(records.map(old));
    expect(failed).toEqual(records.filter(({ body }) => body.includes('bad')).map(({ messageId }) => messageId));
  });

  test('when the copy to the DLQ fails the record is reported failed, and the others are not', async () => {
    await world.send(['nonsense', job('good', 1)]);
    const records = await world.receive();
    const environment = { deadLetterQueueUrl: `${world.environment.queueUrl}-gone` };
    const { failed, report } = await world.worker({ triple }, { environment })(records);
    expect(failed).toEqual(records.filter(({ body }) => body === 'nonsense').map(({ messageId }) => messageId));
    expect(report.errors.queueSend).toBe(1);
    expect((await world.items()).get('good')?.Result).toBe(3);
  });

  test('a slow job is aborted at its time limit and retried', async () => {
    const type = jobType(
      async (_job, { signal }) => {
        await delay(5_000, undefined, { signal });
        return null;
      },
      { timeLimitMs: 50 },
    );
    await world.send([job('a')]);
    const { report } = await world.worker({ triple: type })(await world.receive());
    expect(report.verdicts.retry).toBe(1);
  });
});

describe('near the deadline', () => {
  test('what has not started goes back soon and can be received again; what finished stays finished', async () => {
    const type = jobType(
      async ({ value }) => {
        await delay(60);
        return value;
      },
      // Room for a busy machine.
      { timeLimitMs: 600 },
    );
    const jobs = Array.from({ length: 100 }, (_, i) => job(`j${i}`, i));
    await world.send(jobs);
    const worker = world.worker({ triple: type }, { environment: { concurrency: 4 } });
    const { failed, report } = await worker(await world.receive(), { remainingMs: 1_600 });
    expect(report.verdicts.done + report.verdicts.notStarted).toBe(100);
    expect(report.verdicts.notStarted).toBe(failed.length);
    expect(failed.length).toBeGreaterThan(0);
    expect((await world.items()).size).toBe(report.verdicts.done);
    await delay(1_100);
    expect(await world.receive()).toHaveLength(failed.length);
  });

  test('a message that was not started on its last permitted receive goes back as a copy with a fresh count', async () => {
    // Near the short end of its back-off.
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.02);
    await world.send([job('a', 4)], { MessageAttributes: { mine: { DataType: 'String', StringValue: 'kept' } } });
    const [record] = await world.receive();
    if (!record) throw new Error('nothing received');
    const last = { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: '5' } };
    const type = jobType(({ value }) => value);
    const { failed, report } = await world.worker(
      { triple: { ...type, timeLimitMs: 1 } },
      { clock: { monotonic: slowClock() } },
    )([last]);
    expect({ failed, requeued: report.requeued }).toEqual({ failed: [], requeued: 1 });
    await delay(1_200);
    const [copy] = await world.receive();
    expect(copy?.body).toBe(record.body);
    expect(copy?.attributes.ApproximateReceiveCount).toBe('1');
    expect(copy?.messageAttributes.mine?.stringValue).toBe('kept');
    const again = await world.worker({ triple: type })([copy as never]);
    expect(again.report.verdicts.done).toBe(1);
    expect(await world.deadLetters()).toEqual([]);
    random.mockRestore();
  });
});

/** A clock on which the whole invocation passes between its start and the first job. */
function slowClock(): () => number {
  let calls = 0;
  return () => performance.now() + (calls++ === 0 ? 0 : 9_000);
}

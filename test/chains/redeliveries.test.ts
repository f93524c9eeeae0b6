import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { SQSRecord } from 'aws-lambda';
import validate, { type Triple } from '#schemas/triple';
import { Deferred, TransientError } from '../../src/failures/errors.ts';
import { defineJob } from '../../src/job.ts';
import triple from '../../src/jobs/triple.ts';
import { DynamoDbStore } from '../../src/ledger/dynamodb/store.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { payloadFingerprint } from '../../src/ledger/record.ts';
import { type DeadLetterReason, REASON_ATTRIBUTE } from '../../src/queues/reason.ts';
import { REQUEUED_ATTRIBUTE, readRequeued } from '../../src/queues/requeued.ts';
import { answer, FaultyHandler, reset } from '../faults/faulty-handler.ts';
import { startWorld, type World } from '../world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await world.close();
});

const job = (id: string, value = 1) => ({ job_id: id, value });
const flaky = defineJob<Triple>({
  schema: validate,
  key: ({ job_id }) => job_id,
  // Comes back at once.
  retry: { baseMs: 0, capMs: 0, attempts: 5 },
  handle() {
    throw new TransientError('down');
  },
});

/** The record as SQS would hand it out on a later receive. */
function onReceive(record: SQSRecord | undefined, count: number): SQSRecord {
  if (!record) throw new Error('nothing received');
  return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(count) } };
}

async function reasons(): Promise<DeadLetterReason[]> {
  const letters = await world.deadLetters();
  return letters.map((letter) => JSON.parse(letter.MessageAttributes?.[REASON_ATTRIBUTE]?.StringValue ?? 'null'));
}

describe('attempts are runs that failed', () => {
  test('a job that was deferred twice and then fails once is retried', async () => {
    let down = true;
    const clients = world.clientsWith({
      maxAttempts: 1,
      requestHandler: new FaultyHandler(({ operation, forward }) =>
        down && /Statement|GetItem/.test(operation) ? Promise.reject(reset()) : forward(),
      ),
    });
    const strict = { ...flaky, retry: { ...flaky.retry, attempts: 3 } };
    await world.send([job('a')]);
    const [record] = await world.receive();
    for (const receive of [1, 2]) {
      const { report } = await world.worker({ triple }, { clients })([onReceive(record, receive)], {
        remainingMs: 800,
      });
      expect(report.verdicts).toMatchObject({ deferred: 1 });
    }
    down = false;
    const { report } = await world.worker({ triple: strict }, { clients })([onReceive(record, 3)]);
    expect(report.verdicts).toMatchObject({ retry: 1, dead: 0 });
    expect(await world.deadLetters()).toEqual([]);
  });

  test('five runs make a job dead, however many messages it took, and the handler is told which run it is', async () => {
    const attempts: number[] = [];
    const counting = {
      ...flaky,
      handle(_job: Triple, { attempt }: { attempt: number }) {
        attempts.push(attempt);
        throw new TransientError('down');
      },
    };
    await world.send([job('a')]);
    const [record] = await world.receive();
    const worker = world.worker({ triple: counting });
    for (const receive of [1, 2, 3, 4]) await worker([onReceive(record, receive)]);
    // The fourth went back as a copy, before its last permitted receive.
    const copy = (await world.receive()).find(({ messageAttributes }) => REQUEUED_ATTRIBUTE in messageAttributes);
    expect(readRequeued(onReceive(copy, 1), Date.now())).toMatchObject({ runs: 4 });
    const { failed } = await worker([onReceive(copy, 1)]);
    expect(failed).toEqual([]);
    expect(attempts).toEqual([1, 2, 3, 4, 5]);
    expect(await reasons()).toMatchObject([{ attempts: 5, message: 'down', kind: 'transient' }]);
    expect((await world.items()).get('a')).toMatchObject({ Status: 'dead', Runs: 5, Error: 'TransientError: down' });
  });

  test('a job that fails once and then passes is stored, and its record says how often it ran', async () => {
    await world.send([job('a', 4)]);
    const [record] = await world.receive();
    await world.worker({ triple: flaky })([onReceive(record, 1)]);
    expect((await world.items()).get('a')).toMatchObject({ Status: 'failed', Runs: 1, Receives: 1 });
    const { failed } = await world.worker({ triple })([onReceive(record, 2)]);
    expect(failed).toEqual([]);
    expect((await world.items()).get('a')).toMatchObject({ Status: 'done', Result: 12 });
  });

  test('a job that passes at once is one write, and nothing is asked about it', async () => {
    const operations: string[] = [];
    const clients = world.clientsWith({
      requestHandler: new FaultyHandler((request) => {
        operations.push(request.operation);
        return request.forward();
      }),
    });
    await world.send([job('a'), job('b')]);
    await world.worker({ triple }, { clients })(await world.receive());
    expect(operations).toEqual(['BatchExecuteStatement']);
  });

  test('a message that was received before and is done is not run again', async () => {
    await world.send([job('a', 4)]);
    const [record] = await world.receive();
    await world.worker({ triple })([onReceive(record, 1)]);
    const handle = jest.fn(() => 0);
    const { failed, report } = await world.worker({ triple: { ...triple, handle } })([onReceive(record, 2)]);
    expect({ failed, duplicate: report.verdicts.duplicate }).toEqual({ failed: [], duplicate: 1 });
    expect(handle).not.toHaveBeenCalled();
  });
});

test('through an outage of a dependency retries run at full concurrency, however long they have been away', async () => {
  let running = 0;
  let most = 0;
  const down = {
    ...flaky,
    async handle() {
      running += 1;
      most = Math.max(most, running);
      await delay(5);
      running -= 1;
      throw new TransientError('down');
    },
  };
  const jobs = Array.from({ length: 60 }, (_, i) => job(`j${i}`, i));
  await world.send(jobs);
  const records = await world.receive();
  const longAgo = String(Date.now() - 3_600_000);
  const worker = world.worker({ triple: down }, { environment: { concurrency: 10 } });
  for (const receive of [1, 2, 3]) {
    most = 0;
    const received = records.map((record) => {
      const { attributes, ...rest } = onReceive(record, receive);
      return { ...rest, attributes: { ...attributes, ApproximateFirstReceiveTimestamp: longAgo } };
    });
    const { report } = await worker(received);
    expect({ most, retried: report.verdicts.retry }).toEqual({ most: 10, retried: 60 });
  }
});

describe('what a producer writes into our attribute', () => {
  test.each<[string, string]>([
    ['in the future', JSON.stringify({ since: Date.now() * 2, runs: 0 })],
    ['no number', JSON.stringify({ since: 'for ever', runs: 0 })],
    ['NaN as text', '{"since":NaN,"runs":0}'],
    ['negative runs', JSON.stringify({ since: Date.now(), runs: -1_000 })],
    ['broken overflow', JSON.stringify({ since: Date.now(), runs: 0, overflow: { a: 'b' } })],
    ['a list', '[]'],
    ['null', 'null'],
    ['half a megabyte', `"${'x'.repeat(500_000)}"`],
  ])('%s counts as absent, and the next copy is bounded by us', async (_name, StringValue) => {
    await world.send([job('a')], { MessageAttributes: { [REQUEUED_ATTRIBUTE]: { DataType: 'String', StringValue } } });
    const [record] = await world.receive();
    const before = Date.now();
    await world.worker({ triple: flaky })([onReceive(record, 4)]);
    const [copy] = await world.receive();
    const requeued = readRequeued(onReceive(copy, 1), Date.now());
    expect(requeued).toMatchObject({ runs: 1 });
    expect(requeued?.since).toBeGreaterThanOrEqual(before);
  });

  test('a message that went round for four days is dead with that reason', async () => {
    const StringValue = JSON.stringify({ since: Date.now() - 4 * 86_400_000 - 1, runs: 0 });
    await world.send([job('a')], { MessageAttributes: { [REQUEUED_ATTRIBUTE]: { DataType: 'String', StringValue } } });
    const [record] = await world.receive();
    const { failed } = await world.worker({ triple: flaky })([onReceive(record, 4)]);
    expect(failed).toEqual([]);
    expect(await reasons()).toMatchObject([{ errorClass: 'RequeuedTooLong' }]);
  });
});

describe('nothing is without a verdict', () => {
  test('a handler that hangs on its last permitted run is dead with its reason, its neighbours are stored', async () => {
    const hanging = {
      ...flaky,
      timeLimitMs: 200,
      handle: ({ value }: Triple) => (value === 0 ? new Promise<number>(() => {}) : value),
    };
    await world.send([job('hangs', 0), job('fine', 1)]);
    const records = await world.receive();
    const worker = world.worker({ triple: { ...hanging, retry: { ...flaky.retry, attempts: 1 } } });
    const { failed, report } = await worker(records, { remainingMs: 1_500 });
    expect(failed).toEqual([]);
    expect(report.verdicts).toMatchObject({ done: 1, dead: 1 });
    expect(await reasons()).toMatchObject([{ errorClass: 'GivenUp', jobId: 'hangs' }]);
  });

  test('a handler that hangs on its last permitted receive goes back as a copy', async () => {
    const hanging = { ...flaky, timeLimitMs: 200, handle: () => new Promise<number>(() => {}) };
    await world.send([job('a')]);
    const [record] = await world.receive();
    const { failed, report } = await world.worker({ triple: hanging })([onReceive(record, 5)], { remainingMs: 1_500 });
    expect({ failed, requeued: report.requeued }).toEqual({ failed: [], requeued: 1 });
    expect(await world.deadLetters()).toEqual([]);
  });

  test('a message whose copy is sent is deleted while others run: an invocation that times out does not double it', async () => {
    const busy = {
      ...flaky,
      handle: async ({ value }: Triple) => {
        if (value === 0) throw new Deferred('no room');
        await delay(1_000);
        return value;
      },
    };
    await world.send([job('put-off', 0), job('runs', 1)]);
    const records = await world.receive();
    await world.worker({ triple: busy })(records.map((record) => onReceive(record, 5)));
    // The copy and the other one: nobody has deleted what the answer acknowledges.
    expect(await world.held()).toBe(2);
  });

  test('an entry that SQS does not mention was not sent: its message is not acknowledged', async () => {
    const clients = world.clientsWith({
      requestHandler: new FaultyHandler(async (request) =>
        request.operation === 'SendMessageBatch' ? answer(200, { Successful: [], Failed: [] }) : request.forward(),
      ),
    });
    await world.send(['garbage', job('fine')]);
    const records = await world.receive();
    const { failed } = await world.worker({ triple }, { clients })(records);
    expect(failed).toEqual(records.filter(({ body }) => body === 'garbage').map(({ messageId }) => messageId));
  });

  test('a leased job that ends dead is free for a mended payload', async () => {
    const claiming = { ...flaky, claims: true, retry: { ...flaky.retry, attempts: 1 } };
    await world.send([job('a', 1)]);
    await world.worker({ triple: claiming })(await world.receive());
    expect((await world.items()).get('a')).toMatchObject({ Status: 'dead' });
    await world.send([job('a', 2)]);
    const { report } = await world.worker({ triple })(await world.receive());
    expect(report.verdicts.done).toBe(1);
  });
});

describe('a job whose runs alone left no outcome', () => {
  /** A process that was killed in a run alone, some time ago. */
  async function killedAlone(record: SQSRecord, aloneRuns: number): Promise<void> {
    const store = new DynamoDbStore(world.clients.dynamodb, 'results').open();
    const ledger = new Ledger({ store, leaseUntil: Date.now() - 1, resultTtlDays: 30, now: Date.now });
    const fingerprint = payloadFingerprint('triple', job('a', 4));
    const run = { messageId: record.messageId, runs: 0, aloneRuns };
    await ledger.claim({ key: 'a', type: 'triple', fingerprint, owner: 'killed' }, run);
    store.close();
  }

  test('twice is dead, named, and not run again; its neighbours are stored', async () => {
    await world.send([job('a', 4), job('b', 5)]);
    const records = await world.receive();
    const [record] = records.filter(({ body }) => body.includes('"a"'));
    await killedAlone(onReceive(record, 1), 2);
    const handle = jest.fn(({ value }: Triple) => value);
    const { failed } = await world.worker({ triple: { ...triple, handle } })(
      records.map((each) => (each === record ? onReceive(each, 3) : each)),
    );
    expect(failed).toEqual([]);
    expect(handle).toHaveBeenCalledTimes(1);
    expect(await reasons()).toMatchObject([{ errorClass: 'KilledItsProcess', jobId: 'a', kind: 'permanent' }]);
    expect((await world.items()).get('a')).toMatchObject({ Status: 'dead' });
    expect((await world.items()).get('b')).toMatchObject({ Status: 'done' });
  });

  test('once runs alone again, after its neighbours are stored and deleted from the queue', async () => {
    const order: string[] = [];
    const clients = world.clientsWith({
      requestHandler: new FaultyHandler((request) => {
        order.push(request.operation);
        return request.forward();
      }),
    });
    const handle = ({ job_id, value }: Triple) => {
      order.push(job_id);
      return value;
    };
    await world.send([job('a', 4), job('b', 5)]);
    const records = await world.receive();
    const [record] = records.filter(({ body }) => body.includes('"a"'));
    await killedAlone(onReceive(record, 1), 1);
    const { failed } = await world.worker(
      { triple: { ...triple, handle } },
      { clients },
    )(records.map((each) => (each === record ? onReceive(each, 3) : each)));
    expect(failed).toEqual([]);
    const settled = order.indexOf('DeleteMessageBatch');
    expect(order.indexOf('b')).toBeLessThan(settled);
    expect(order.slice(0, settled)).toContain('BatchExecuteStatement');
    expect(order.indexOf('a')).toBeGreaterThan(settled);
    expect((await world.items()).get('a')).toMatchObject({ Status: 'done', Result: 4 });
  });

  test('is not started on its last permitted receive: it goes back as a copy that says what it is suspected of', async () => {
    await world.send([job('a', 4)]);
    const [record] = await world.receive();
    await killedAlone(onReceive(record, 1), 1);
    const handle = jest.fn(() => 0);
    const { failed } = await world.worker({ triple: { ...triple, handle } })([onReceive(record, 5)]);
    expect(failed).toEqual([]);
    expect(handle).not.toHaveBeenCalled();
    await delay(100);
    const [copy] = await world.receive();
    expect(readRequeued(onReceive(copy, 1), Date.now())).toMatchObject({ runs: 0, suspect: 1 });
  });
});

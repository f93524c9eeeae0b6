import type { Logger } from '@aws-lambda-powertools/logger';
import type { SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { PermanentError, TransientError } from '../../src/failures/errors.ts';
import { type AnyJobType, defineJob, type JobContext } from '../../src/job.ts';
import { DynamoDbStore } from '../../src/ledger/dynamodb/store.ts';
import { Blocks } from '../../src/queues/blocks.ts';
import { answer, FaultyHandler } from '../faults/faulty-handler.ts';
import { startWorld, type World } from '../world.ts';

interface Step {
  readonly job_id: string;
}

let world: World;
beforeEach(async () => {
  world = await startWorld({ fifo: true });
});
afterEach(() => world.close());

const anything = (() => true) as never;
/** Comes back at once. */
const RETRY = { baseMs: 0, capMs: 0, attempts: 5 };

function jobOf(handle: (id: string, context: JobContext<undefined>) => unknown, more: object = {}): AnyJobType {
  return defineJob<Step>({
    schema: anything,
    key: ({ job_id }) => job_id,
    retry: RETRY,
    handle: async ({ job_id }, context) => {
      await handle(job_id, context);
      return null;
    },
    ...more,
  });
}

/** Sends one message after another. `a1` is of group `a`. */
async function send(...ids: string[]) {
  for (const id of ids) await sendBody(JSON.stringify({ job_id: id }), id);
}

const sendBody = (body: string, id: string) =>
  world.send([body], { MessageGroupId: id[0], MessageDeduplicationId: `dedup-${id}` });

const signal = new AbortController().signal;
const entries = (records: readonly SQSRecord[]) =>
  records.map(({ receiptHandle }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle }));

/** As Lambda does: deletes what the worker did not report. */
async function acknowledge(records: readonly SQSRecord[], failed: readonly string[]) {
  const done = records.filter(({ messageId }) => !failed.includes(messageId));
  if (done.length > 0) await world.clients.sqs.delete(world.environment.queueUrl, entries(done), signal);
}

/** What a killed batch is after the visibility timeout: visible again. */
async function release(records: readonly SQSRecord[]) {
  const Entries = entries(records).map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
  await world.clients.sqs.changeVisibility(world.environment.queueUrl, Entries, signal);
}

const idOf = ({ body }: SQSRecord): string => JSON.parse(body).job_id;
const idsOf = (records: readonly SQSRecord[]) => records.map(idOf);

/** Receives, works and acknowledges, once. @returns the ids that were received, and those that were reported */
async function round(jobs: Record<string, AnyJobType>, overrides: object = {}) {
  const records = await world.receive(10);
  const { failed, report } = await world.worker(jobs, overrides)(records);
  await acknowledge(records, failed);
  const reported = records.filter(({ messageId }) => failed.includes(messageId)).map(({ body }) => body);
  return { received: records, reported: reported.map((body) => JSON.parse(body).job_id), report };
}

const letters = async () =>
  (await world.deadLetters()).map(({ Body, Attributes, MessageAttributes }) => ({
    body: Body,
    group: Attributes?.MessageGroupId,
    deduplication: Attributes?.MessageDeduplicationId,
    reason: JSON.parse(MessageAttributes?.DeadLetterReason?.StringValue ?? '{}'),
  }));

describe('at the first failure of a group', () => {
  test('the rest of it is reported untouched, other groups go on, and all comes back together in order', async () => {
    const ran: string[] = [];
    const broken = new Set(['a2']);
    const triple = jobOf((id) => {
      ran.push(id);
      if (broken.delete(id)) throw new TransientError('down');
    });
    await send('a1', 'a2', 'b1', 'a3', 'a4', 'b2');
    const first = await round({ triple });
    expect(ran.filter((id) => id[0] === 'a')).toEqual(['a1', 'a2']);
    expect(ran.filter((id) => id[0] === 'b')).toEqual(['b1', 'b2']);
    expect(first.reported).toEqual(['a2', 'a3', 'a4']);
    await send('a5');
    const second = await round({ triple });
    expect(idsOf(second.received)).toEqual(['a2', 'a3', 'a4', 'a5']);
    expect(second.reported).toEqual([]);
    expect(ran.filter((id) => id[0] === 'a')).toEqual(['a1', 'a2', 'a2', 'a3', 'a4', 'a5']);
    expect(await letters()).toEqual([]);
  });

  test('the rest waits as long as the one that failed, and is not held for the visibility timeout', async () => {
    const changes: Record<string, unknown>[] = [];
    const clients = world.clientsWith({
      requestHandler: new FaultyHandler((request) => {
        if (request.operation === 'ChangeMessageVisibilityBatch') changes.push(...request.input.Entries);
        return request.forward();
      }),
    });
    const triple = jobOf(() => {
      throw new TransientError('down', { retryAfterMs: 7_000 });
    });
    await send('a1', 'a2', 'a3', 'b1');
    await round({ triple }, { clients });
    expect(changes.map(({ VisibilityTimeout }) => VisibilityTimeout)).toEqual([7, 7, 7, 7]);
  });

  test('receives of those behind it are no runs: each has all of its own', async () => {
    const attempts: string[] = [];
    const triple = jobOf((id, { attempt }) => {
      attempts.push(`${id} ${attempt}`);
      if (attempt < 5) throw new TransientError('down');
    });
    await send('a1', 'a2');
    for (let n = 0; n < 9; n++) await round({ triple });
    const of = (id: string) => [1, 2, 3, 4, 5].map((attempt) => `${id} ${attempt}`);
    expect(attempts).toEqual([...of('a1'), ...of('a2')]);
    expect((await world.items()).get('a2')).toMatchObject({ Status: 'done' });
    expect(await letters()).toEqual([]);
  });

  test('groups run at once, one message of each', async () => {
    let running = 0;
    let most = 0;
    const triple = jobOf(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((wake) => setTimeout(wake, 20));
      running -= 1;
    });
    await send('a1', 'b1', 'c1', 'd1', 'a2', 'b2');
    const { report } = await round({ triple });
    expect({ most, done: report.verdicts.done }).toEqual({ most: 4, done: 6 });
  });
});

describe('a message that is dead', () => {
  const refuses = (...ids: string[]) =>
    jobOf((id) => {
      if (ids.includes(id)) throw new PermanentError(`${id} is refused`);
    });

  test('is parked with its reason, group and deduplication id, and its group goes on', async () => {
    await send('a1', 'a2', 'a3', 'b1');
    const { reported, report } = await round({ triple: refuses('a2') });
    expect(reported).toEqual([]);
    expect(report.verdicts).toMatchObject({ done: 3, dead: 1 });
    expect(await letters()).toMatchObject([
      {
        body: '{"job_id":"a2"}',
        group: 'a',
        deduplication: 'dedup-a2',
        reason: { message: 'a2 is refused', jobId: 'a2' },
      },
    ]);
    expect([...(await world.items()).keys()].sort()).toEqual(['a1', 'a3', 'b1']);
    expect(await world.receive()).toEqual([]);
  });

  test('is gone from the queue before the next of its group runs, so that a kill cannot bring it back behind it', async () => {
    const operations: string[] = [];
    const clients = world.clientsWith({
      requestHandler: new FaultyHandler((request) => {
        operations.push(request.operation);
        return request.forward();
      }),
    });
    const triple = jobOf((id) => {
      operations.push(id);
      if (id === 'a1') throw new PermanentError('refused');
    });
    await send('a1', 'a2');
    await round({ triple }, { clients });
    expect(operations).toEqual(['a1', 'SendMessageBatch', 'DeleteMessageBatch', 'a2', 'BatchExecuteStatement']);
  });

  test.each(['SendMessageBatch', 'DeleteMessageBatch'])('stops its group where %s fails', async (broken) => {
    const clients = world.clientsWith({
      maxAttempts: 1,
      requestHandler: new FaultyHandler(async (request) =>
        request.operation === broken ? answer(500, { __type: 'InternalError' }) : request.forward(),
      ),
    });
    await send('a1', 'a2', 'b1');
    const { reported, report } = await round({ triple: refuses('a1') }, { clients });
    expect(reported).toEqual(['a1', 'a2']);
    expect(report.errors.queueSend + report.errors.queueDelete).toBe(1);
    expect([...(await world.items()).keys()]).toEqual(['b1']);
  });

  test('and has a body of 1 MiB is parked without its reason, because it would hold up its group for days', async () => {
    await sendBody('x'.repeat(1_048_576), 'a1');
    await send('a2');
    const { reported } = await round({ triple: jobOf(() => {}) }).catch(() => ({ reported: ['?'] }));
    expect(reported).toEqual([]);
    expect((await world.items()).get('a2')).toMatchObject({ Status: 'done' });
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ group: 'a', deduplication: 'dedup-a1', reason: {} });
    expect(letter?.body).toHaveLength(1_048_576);
  });
});

describe('after a killed process', () => {
  const LONG_AGO = { clock: { now: () => Date.now() + 60_000 } };

  test('the first of a group that is not done runs alone; those behind it never ran, and are no suspects', async () => {
    const claimed: unknown[] = [];
    const clients = world.clientsWith({
      requestHandler: new FaultyHandler((request) => {
        if (request.operation === 'BatchExecuteStatement') {
          claimed.push(
            ...request.input.Statements.map(({ Statement }: { Statement: string }) => /AloneRuns/.test(Statement)),
          );
        }
        return request.forward();
      }),
    });
    await send('a1', 'a2', 'a3');
    const records = await world.receive();
    // a1 was stored before the kill.
    await world.worker({ triple: jobOf(() => {}) })(records.slice(0, 1));
    await release(records);
    const { received, reported, report } = await round({ triple: jobOf(() => {}) }, { ...LONG_AGO, clients });
    expect(idsOf(received)).toEqual(['a1', 'a2', 'a3']);
    expect(reported).toEqual([]);
    expect(report.verdicts).toMatchObject({ duplicate: 1, done: 2 });
    expect((await world.items()).get('a2')).toMatchObject({ Status: 'done', AloneRuns: 1 });
    expect(claimed[0]).toBe(true);
  });

  test('a killer stops its own group alone', async () => {
    await send('a1', 'a2', 'b1');
    const killed = defineJob<Step>({ schema: anything, key: ({ job_id }) => job_id, handle: () => null });
    const history = { messageId: '', runs: 0, aloneRuns: 2 };
    const records = await world.receive();
    await release(records);
    const store = new DynamoDbStore(world.clients.dynamodb, 'results').open();
    const { payloadFingerprint } = await import('../../src/ledger/record.ts');
    const entry = {
      key: 'a1',
      type: 'triple',
      fingerprint: payloadFingerprint('triple', { job_id: 'a1' }),
      owner: 'x',
    };
    const run = { ...history, messageId: (records[0] as SQSRecord).messageId };
    const claim = store.insert(entry, { status: 'running', at: '', ttl: 2 ** 32, leaseUntil: 1, run });
    store.flush();
    await claim;
    store.close();
    const { reported } = await round({ triple: killed });
    expect(reported).toEqual([]);
    expect(await letters()).toMatchObject([{ group: 'a', reason: { errorClass: 'KilledItsProcess' } }]);
    expect((await world.items()).get('a2')).toMatchObject({ Status: 'done' });
    expect((await world.items()).get('b1')).toMatchObject({ Status: 'done' });
  });
});

describe('a job type that blocks', () => {
  let refused: Set<string>;
  const blocking = () =>
    jobOf(
      (id) => {
        if (refused.has(id)) throw new PermanentError(`${id} is refused`);
      },
      { whenDead: 'block' },
    );
  beforeEach(() => {
    refused = new Set(['a1']);
  });

  /** Shows what waits, as time would. */
  async function again(records: readonly SQSRecord[]) {
    await release(records.filter(({ attributes }) => attributes.MessageGroupId === 'a'));
    return await round({ triple: blocking() });
  }

  async function decide(state: 'runsAgain' | 'parked', { messageId }: SQSRecord) {
    const records = new DynamoDbStore(world.clients.dynamodb, 'results').open();
    try {
      return await new Blocks(records, 'sluice-test-jobs.fifo', Date.now).decide(messageId, state);
    } finally {
      records.close();
    }
  }

  test('holds its group and no other, tells the operator once, and runs nothing meanwhile', async () => {
    await send('a1', 'a2', 'b1');
    const first = await round({ triple: blocking() });
    expect(first.reported).toEqual(['a1', 'a2']);
    expect(first.report.blocked).toBe(1);
    refused.clear();
    const second = await again(first.received);
    const third = await again(second.received);
    for (const { reported, report } of [second, third]) {
      expect(reported).toEqual(['a1', 'a2']);
      expect({ blocked: report.blocked, ran: report.durations.length }).toEqual({ blocked: 1, ran: 0 });
    }
    expect(await letters()).toMatchObject([{ group: 'a', reason: { blocks: true, message: 'a1 is refused' } }]);
    expect([...(await world.items()).values()].filter(({ Status }) => Status === 'done')).toMatchObject([
      { JobID: 'b1' },
    ]);
  });

  test('goes on in order once the operator lets the message run again', async () => {
    await send('a1', 'a2');
    const { received } = await round({ triple: blocking() });
    refused.clear();
    expect(await decide('runsAgain', received[0] as SQSRecord)).toBe(true);
    const { reported, report } = await again(received);
    expect({ reported, done: report.verdicts.done }).toEqual({ reported: [], done: 2 });
    expect(await decide('parked', received[0] as SQSRecord)).toBe(false);
  });

  test('blocks again, with another notice, where it is dead again', async () => {
    await send('a1', 'a2');
    const { received } = await round({ triple: blocking() });
    await decide('runsAgain', received[0] as SQSRecord);
    const second = await again(received);
    expect(second.reported).toEqual(['a1', 'a2']);
    expect(await letters()).toHaveLength(2);
    expect((await again(second.received)).report.blocked).toBe(1);
  });

  test('goes on without the message once the operator has it parked', async () => {
    await send('a1', 'a2');
    const { received } = await round({ triple: blocking() });
    await decide('parked', received[0] as SQSRecord);
    const { reported, report } = await again(received);
    expect(reported).toEqual([]);
    expect(report.verdicts).toMatchObject({ duplicate: 1, done: 1 });
    expect(await letters()).toHaveLength(1);
  });

  test('blocks for a body that holds no job, too', async () => {
    await sendBody('garbage', 'a1');
    await send('a2', 'b1');
    const records = await world.receive(10);
    const { failed } = await world.worker({ triple: blocking() })(records);
    expect(failed).toHaveLength(2);
    expect(await letters()).toMatchObject([{ body: 'garbage', reason: { blocks: true, errorClass: 'InvalidJob' } }]);
  });
});

test('each step of each message is logged with its queue, in the order in which it was done', async () => {
  const lines: { action: string; status: string; details: Record<string, unknown> }[] = [];
  const info = (action: string, more: object) => lines.push({ action, ...more } as never);
  const log = { info, debug: info, warn: info, error: info } as unknown as Logger;
  await send('a1', 'a1b');
  await sendBody('{"job_id":"a1"}', 'a2');
  await round({ triple: jobOf(() => {}) }, { environment: { logLevel: 'INFO' }, log });
  const queue_name = 'sluice-test-jobs.fifo';
  expect(lines.map(({ action, details }) => [action, details.jobId])).toEqual([
    ['message_received', 'a1'],
    ['job_started', 'a1'],
    ['dynamodb_save', 'a1'],
    ['sqs_delete_message', 'a1'],
    ['message_received', 'a1b'],
    ['job_started', 'a1b'],
    ['dynamodb_save', 'a1b'],
    ['sqs_delete_message', 'a1b'],
    ['message_received', 'a1'],
    ['job_started', 'a1'],
    ['message_skipped', 'a1'],
    ['sqs_delete_message', 'a1'],
  ]);
  const first = lines.find(({ action }) => action === 'message_received');
  expect(first).toMatchObject({ status: 'info', details: { queue_name, group: 'a', receiveCount: 1 } });
});

/** What becomes of each run of a message: `ok` from the last on. */
const deeds = fc.array(fc.constantFrom('retry', 'retry', 'dead'), { maxLength: 2 });

test.each(['park', 'block'] as const)(
  'whatever fails, is lost or comes twice: what a group stores is in the order sent, without gaps but for what is %sed',
  async (whenDead) => {
    const messages = fc.array(fc.record({ group: fc.constantFrom('a', 'b', 'c'), deeds, twice: fc.boolean() }), {
      minLength: 1,
      maxLength: 14,
    });
    const faults = fc.infiniteStream(fc.constantFrom('none', 'none', 'answer lost', 'killed'));
    let example = 0;
    await fc.assert(
      fc.asyncProperty(messages, faults, fc.integer({ min: 1, max: 10 }), async (sent, faulty, batch) => {
        example += 1;
        const ids = sent.map(({ group }, i) => `${group}${example}-${i}`);
        const plans = new Map(ids.map((id, i) => [id, [...(sent[i]?.deeds ?? [])]]));
        const stored: string[] = [];
        const info = (action: string, { details }: { details: { jobId: string } }) => {
          if (action === 'dynamodb_save') stored.push(details.jobId);
        };
        const log = { info, warn() {}, error() {} } as unknown as Logger;
        const triple = jobOf(
          (id) => {
            const deed = plans.get(id)?.shift();
            if (deed === 'retry') throw new TransientError('down');
            if (deed === 'dead') throw new PermanentError('refused');
          },
          { whenDead },
        );
        const worker = world.worker({ triple }, { environment: { logLevel: 'INFO' }, log });
        for (const [i, id] of ids.entries()) {
          await send(id);
          if (sent[i]?.twice) await sendBody(JSON.stringify({ job_id: id }), `${id}-twice`);
        }
        const records = new DynamoDbStore(world.clients.dynamodb, 'results').open();
        const blocks = new Blocks(records, 'sluice-test-jobs.fifo', Date.now);
        const parked = new Set<string>();
        for (let rounds = 0; ; rounds++) {
          const received = await world.receive(batch);
          if (received.length === 0) break;
          expect(rounds).toBeLessThan(300);
          const fault = faulty.next().value;
          // Killed before it began, or after it had done a part.
          const part = fault === 'killed' ? received.slice(0, received.length >> 1) : received;
          const { failed } = part.length > 0 ? await worker(part) : { failed: [] };
          if (fault === 'none') await acknowledge(received, failed);
          for (const { Body = '', ReceiptHandle } of await world.deadLetters()) {
            parked.add(JSON.parse(Body).job_id);
            // Left in flight it would lock its group in the dead-letter queue.
            const url = world.environment.deadLetterQueueUrl;
            await world.clients.sqs.delete(url, [{ Id: '0', ReceiptHandle }], signal);
          }
          for (const record of received) await blocks.decide(record.messageId, 'runsAgain');
          // A group that blocks, and what nobody has answered for, would come back in time.
          await release(received).catch(() => {});
        }
        records.close();
        for (const group of 'abc') {
          const of = (each: readonly string[]) => each.filter((id) => id[0] === group);
          const order = of(stored);
          expect(order).toEqual(of(ids).filter((id) => order.includes(id)));
          const gone = of(ids).filter((id) => !order.includes(id));
          expect(whenDead === 'park' ? gone.filter((id) => !parked.has(id)) : gone).toEqual([]);
        }
      }),
      { numRuns: 25, seed: 7, endOnFailure: true },
    );
  },
  180_000,
);

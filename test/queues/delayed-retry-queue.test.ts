import { Logger } from '@aws-lambda-powertools/logger';
import fc from 'fast-check';
import validate, { type Triple } from '#schemas/triple';
import { configured } from '../../src/chains/configured-jobs.ts';
import { createWorker } from '../../src/chains/worker.ts';
import { PermanentError, TransientError } from '../../src/failures/errors.ts';
import { defineJob } from '../../src/job.ts';
import { delayedRetryQueue } from '../../src/queues/delayed-retry-queue.ts';
import { REQUEUED_ATTRIBUTE } from '../../src/queues/requeued.ts';
import { Report } from '../../src/telemetry/report.ts';
import { lambdaContext } from '../job-context.ts';
import { MemoryStore } from '../ledger/memory-store.ts';
import { VirtualQueues } from './virtual-queues.ts';

const [MAIN, RETRY, DLQ] = ['deliveries', 'deliveries-retry', 'deliveries-dlq'];
const PLAN = { after: 3, attempts: 3, delay: 30 };
const VISIBILITY = 181;
const url = (queue: string) => `https://sqs.us-east-1.amazonaws.com/1/${queue}`;

/** What happens to the job on one of its runs. */
type Outcome = 'ok' | 'fails' | 'asksForAMinute' | 'isRefused';
/** What happens around an invocation. */
type Fault = 'none' | 'neverRuns' | 'diesBeforeItsAnswer' | 'retryQueueRefuses' | 'dlqRefuses' | 'allRefuse';

interface Run {
  readonly queue: string;
  readonly at: number;
  readonly attempt: number;
}

/** Sends a job that behaves as told beside one that is fine, and goes on until all queues but the DLQ are empty. */
async function play(
  outcomes: readonly Outcome[],
  {
    faults = [],
    attribute,
    to = MAIN,
    claims = true,
  }: { faults?: readonly Fault[]; attribute?: string; to?: string; claims?: boolean } = {},
) {
  const redrive = { to: DLQ, maxReceiveCount: 5, visibilitySeconds: VISIBILITY };
  const queues = new VirtualQueues({ [MAIN]: { redrive }, [RETRY]: { redrive, delaySeconds: PLAN.delay }, [DLQ]: {} });
  const store = new MemoryStore();
  const runs: Run[] = [];
  const neighbour: number[] = [];
  let queue = MAIN;
  const type = defineJob<Triple>({
    schema: validate,
    key: ({ job_id }) => job_id,
    claims,
    handle({ job_id, value }, { attempt }) {
      if (job_id === 'neighbour') return neighbour.push(queues.now);
      runs.push({ queue, at: queues.now, attempt });
      const outcome = outcomes[runs.length - 1] ?? 'fails';
      if (outcome === 'fails') throw new TransientError('down');
      if (outcome === 'asksForAMinute') throw new TransientError('busy', { retryAfterMs: 60_000 });
      if (outcome === 'isRefused') throw new PermanentError('no');
      return value;
    },
  });
  const worker = createWorker({
    environment: {
      stage: 'test',
      tableName: 'results',
      queueUrl: url(MAIN),
      deadLetterQueueUrl: url(DLQ),
      retryQueue: { url: url(RETRY), ...PLAN },
      defaultType: 'triple',
      maxReceiveCount: 5,
      visibilityTimeout: VISIBILITY,
      concurrency: 10,
      resultTtlDays: 30,
      logLevel: 'ERROR',
    },
    store,
    sqs: queues.api,
    jobs: new Map([['triple', configured(type, undefined)]]),
    log: new Logger({ logLevel: 'SILENT' }),
    clock: { now: () => queues.now, monotonic: () => performance.now() },
  });
  const started = queues.now;
  const attributes =
    attribute === undefined ? {} : { [REQUEUED_ATTRIBUTE]: { DataType: 'String', StringValue: attribute } };
  queues.send(to, '{"job_id":"job","value":1}', attributes);
  queues.send(to, '{"job_id":"neighbour","value":1}');
  let copiesDelayed = 0;
  let lettersRefused = 0;
  let steps = 0;
  for (let next = queues.next(); next; next = queues.next()) {
    if (++steps > 200) throw new Error('the messages go round for ever');
    queues.now = next.at;
    queue = next.queue;
    const Records = queues.receive(next.queue);
    const fault = faults[steps - 1] ?? 'none';
    if (Records.length === 0 || fault === 'neverRuns') continue;
    queues.takes = (target) => {
      const refuses = { retryQueueRefuses: [RETRY], dlqRefuses: [DLQ], allRefuse: [MAIN, RETRY, DLQ] };
      const taken = !(fault in refuses && refuses[fault as keyof typeof refuses].includes(target));
      if (!taken && target === DLQ) lettersRefused += 1;
      return taken;
    };
    const report = new Report(Records.length);
    const settled = await worker({ Records }, { ...lambdaContext(), report });
    copiesDelayed += report.delayed;
    if (fault === 'diesBeforeItsAnswer') continue;
    for (const [i, { receiptHandle }] of Records.entries()) {
      if (settled[i]?.status === 'fulfilled') queues.delete(receiptHandle);
    }
  }
  const letters = queues.in(DLQ).map(({ body, attributes: { DeadLetterReason } }) => ({
    body,
    reason: DeadLetterReason ? JSON.parse(DeadLetterReason.StringValue ?? '') : undefined,
  }));
  const record = await store.describe('job');
  return { runs, neighbour, letters, record, copiesDelayed, lettersRefused, started, took: queues.now - started };
}

const lasting = fc.constantFrom<Outcome>('fails', 'asksForAMinute');

test('a job that goes on failing runs three times on the main queue, three times on the retry queue, and is dead', async () => {
  const { runs, letters, neighbour, record, copiesDelayed } = await play([]);
  expect(runs.map(({ queue, attempt }) => `${attempt} ${queue}`)).toEqual([
    `1 ${MAIN}`,
    `2 ${MAIN}`,
    `3 ${MAIN}`,
    `4 ${RETRY}`,
    `5 ${RETRY}`,
    `6 ${RETRY}`,
  ]);
  expect(letters).toMatchObject([{ reason: { attempts: 6, errorClass: 'TransientError', message: 'down' } }]);
  expect(record).toMatchObject({ status: 'dead', runs: 6 });
  expect({ neighbour: neighbour.length, copiesDelayed }).toEqual({ neighbour: 1, copiesDelayed: 1 });
});

test('whatever the failures, runs, queues and counts are as planned, and a neighbour runs once', async () => {
  const endings = fc.constantFrom<Outcome | undefined>('ok', 'isRefused', undefined);
  await fc.assert(
    fc.asyncProperty(fc.array(lasting, { maxLength: 6 }), endings, fc.boolean(), async (failures, end, claims) => {
      const outcomes = end ? [...failures, end] : failures;
      const { runs, letters, neighbour, record, started } = await play(outcomes, { claims });
      const expected = end && failures.length < 6 ? failures.length + 1 : 6;
      expect(runs.map(({ queue }) => queue)).toEqual([MAIN, MAIN, MAIN, RETRY, RETRY, RETRY].slice(0, expected));
      expect(runs.map(({ attempt }) => attempt)).toEqual(runs.map((_, i) => i + 1));
      for (const [i, { at }] of runs.entries()) {
        const waited = at - (runs[i - 1]?.at ?? started);
        const asked = outcomes[i - 1] === 'asksForAMinute' && i > 0 ? 60_000 : 0;
        expect(waited).toBeGreaterThanOrEqual(i < 3 ? asked : Math.max(asked, PLAN.delay * 1000));
        if (asked === 0) expect(waited).toBeLessThanOrEqual(i < 3 ? 8_000 : PLAN.delay * 1000 + 8_000);
      }
      expect(neighbour).toHaveLength(1);
      if (end === 'ok' && failures.length < 6) {
        expect(letters).toEqual([]);
        expect(record).toMatchObject({ status: 'done' });
      } else {
        expect(letters).toMatchObject([{ body: '{"job_id":"job","value":1}', reason: { attempts: expected } }]);
        expect(record?.status === 'dead' || (expected === 1 && !claims)).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});

test('a receive that ended in no run counts on neither queue, as when the process was killed before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 7 }), fc.boolean(), async (step, claims) => {
      const faults = [...Array<Fault>(step).fill('none'), 'neverRuns' as const];
      const { runs, letters } = await play([], { faults, claims });
      expect(runs.map(({ queue }) => queue)).toEqual([MAIN, MAIN, MAIN, RETRY, RETRY, RETRY]);
      expect(letters).toMatchObject([{ reason: { attempts: 6 } }]);
    }),
    { numRuns: 30 },
  );
});

test('where SQS refuses the copy to the retry queue, the message stays on the main queue, and waits there', async () => {
  const refused = Array.from({ length: 40 }, (): Fault => 'retryQueueRefuses');
  const { runs, letters, neighbour } = await play([], { faults: refused });
  expect(runs.map(({ queue, attempt }) => `${attempt} ${queue}`)).toEqual(
    [1, 2, 3, 4, 5, 6].map((n) => `${n} ${MAIN}`),
  );
  for (const i of [3, 4, 5]) expect((runs[i]?.at ?? 0) - (runs[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(30_000);
  expect(letters).toMatchObject([{ reason: { attempts: 6 } }]);
  expect(neighbour).toHaveLength(1);
});

test('a copy that was refused once goes to the retry queue after the next run', async () => {
  const { runs } = await play([], { faults: ['none', 'none', 'none', 'retryQueueRefuses'].slice(1) as Fault[] });
  expect(runs.map(({ queue }) => queue)).toEqual([MAIN, MAIN, MAIN, MAIN, RETRY, RETRY]);
});

test('a process that dies between copy and answer leaves both: the job is done once', async () => {
  const outcomes: Outcome[] = ['fails', 'fails', 'fails', 'ok'];
  const { runs, letters, record } = await play(outcomes, { faults: ['none', 'none', 'diesBeforeItsAnswer'] });
  expect(runs.map(({ queue }) => queue)).toEqual([MAIN, MAIN, MAIN, RETRY]);
  expect(letters).toEqual([]);
  expect(record).toMatchObject({ status: 'done' });
});

test('through refused copies and receives without a run, nothing is lost and no job runs more often than planned', async () => {
  const faults = fc.array(
    fc.constantFrom<Fault>('none', 'none', 'neverRuns', 'retryQueueRefuses', 'dlqRefuses', 'allRefuse'),
    {
      maxLength: 12,
    },
  );
  const outcomes = fc.array(fc.constantFrom<Outcome>('fails', 'fails', 'asksForAMinute', 'ok', 'isRefused'), {
    maxLength: 7,
  });
  await fc.assert(
    fc.asyncProperty(outcomes, faults, async (behaviour, around) => {
      const { runs, letters, lettersRefused, neighbour, record } = await play(behaviour, { faults: around });
      // A job that is dead comes back, and runs again, where it finds no way into the DLQ.
      expect(runs.length).toBeLessThanOrEqual(6 + lettersRefused);
      const own = letters.filter(({ body }) => body.includes('"job"'));
      // Refused or throttled receives may be its last ones; then SQS moves it, and nothing else has become of it.
      expect(own.length + (record?.status === 'done' ? 1 : 0)).toBe(1);
      const moved = letters.filter(({ body }) => body.includes('"neighbour"'));
      expect(neighbour.length === 1 || moved.length === 1).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('through processes that die at their answer, a job ends, and its effect is stored once', async () => {
  const faults = fc.array(fc.constantFrom<Fault>('none', 'diesBeforeItsAnswer'), { maxLength: 10 });
  const passesAt = fc.integer({ min: 0, max: 5 });
  await fc.assert(
    fc.asyncProperty(faults, passesAt, async (around, failures) => {
      const { runs, record } = await play([...Array(failures).fill('fails'), ...Array(50).fill('ok')], {
        faults: around,
      });
      expect(record).toMatchObject({ status: 'done' });
      expect(runs).toHaveLength(failures + 1);
    }),
    { numRuns: 100 },
  );
});

describe('what a producer writes into our attribute', () => {
  test('lets no message run longer or wait longer, and spares it no more runs than it claims to have had', async () => {
    const since = fc.oneof(fc.integer(), fc.integer({ min: 1_600_000_000_000, max: 1_800_000_000_000 }), fc.double());
    const runs = fc.oneof(fc.integer({ min: -5, max: 2_000 }), fc.double(), fc.string());
    const forged = fc.oneof(
      fc.string(),
      fc
        .record({ since, runs, suspect: fc.integer({ min: 0, max: 5 }) }, { requiredKeys: [] })
        .map((v) => JSON.stringify(v)),
    );
    await fc.assert(
      fc.asyncProperty(
        forged.filter((text) => text !== ''),
        fc.constantFrom(MAIN, RETRY),
        async (attribute, to) => {
          const { runs: had, letters, neighbour, took } = await play([], { attribute, to });
          expect(had.length).toBeLessThanOrEqual(6);
          expect(took).toBeLessThan(600_000);
          expect(letters).toHaveLength(1);
          expect(neighbour).toHaveLength(1);
        },
      ),
      { numRuns: 150 },
    );
  });
});

test('a message that somebody sends to the retry queue itself has as many runs', async () => {
  const { runs, letters } = await play([], { to: RETRY });
  expect(runs.map(({ queue }) => queue)).toEqual(Array(6).fill(RETRY));
  expect(letters).toMatchObject([{ reason: { attempts: 6 } }]);
});

test.each([
  [1, 1],
  [2, 2],
  [3, 6],
  [5, 6],
  [10, 6],
])('a job type of %d attempts has %d runs in all', (attempts, runs) => {
  expect(delayedRetryQueue(PLAN).lastRun?.(attempts, 5)).toBe(runs);
});

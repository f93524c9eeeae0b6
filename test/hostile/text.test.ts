import type { SQSRecord } from 'aws-lambda';
import { configured } from '../../src/chains/configured-jobs.ts';
import { recordChain } from '../../src/chains/record.ts';
import { Destinations } from '../../src/engine/destinations.ts';
import type { Verdict } from '../../src/engine/verdict.ts';
import { classify } from '../../src/failures/classify.ts';
import { type AnyJobType, defineJob, type Json } from '../../src/job.ts';
import triple from '../../src/jobs/triple.ts';
import webhook from '../../src/jobs/webhook.ts';
import { marshalResult, wireBytes } from '../../src/ledger/dynamodb/marshal.ts';
import { deadLetterCopy } from '../../src/queues/copies.ts';
import { readMessage } from '../../src/queues/message.ts';
import { reasonFor } from '../../src/queues/reason.ts';
import { SHAPES } from './bodies.ts';

/** Takes any payload and answers with it: the widest way that a producer's text can go. */
const open = defineJob<{ job_id: string; payload: Json }>({
  schema: Object.assign((job: { job_id: unknown }) => typeof job.job_id === 'string', { errors: [] }) as never,
  key: ({ job_id }) => job_id,
  handle: ({ payload }) => payload,
});

const chains = new Map(
  Object.entries<AnyJobType>({ triple, webhook, open }).map(([name, type]) => [
    name,
    recordChain(configured(type, undefined)),
  ]),
);

/** All that is done with a record between its arrival and the requests to DynamoDB and SQS. */
async function bringToOutcome(body: string): Promise<string> {
  const attributes = { ApproximateReceiveCount: '1' };
  const record = {
    messageId: 'm',
    receiptHandle: 'r',
    body,
    attributes,
    messageAttributes: {},
  } as unknown as SQSRecord;
  const message = readMessage(record, 'triple');
  const verdict = (await verdictOf(message)) as Verdict;
  if (verdict.kind !== 'dead') return verdict.kind;
  const reason = reasonFor(message, verdict.failure, 1, { functionName: 'f', functionVersion: '1' }, 0);
  deadLetterCopy(record, reason);
  return JSON.stringify(reason).length < 10_000 ? 'dead' : 'a reason without bound';
}

async function verdictOf(message: ReturnType<typeof readMessage>) {
  const chain = message.invalid ? undefined : chains.get(message.type);
  if (!chain) return { kind: 'dead' as const, failure: classify(message.invalid ?? new Error('no such type'), 0) };
  const store = async (_entry: unknown, result: Json) => {
    wireBytes(marshalResult(result));
    return 'stored' as const;
  };
  return await chain(message.job, {
    message,
    lastRun: 5,
    history: { runs: 0, aloneRuns: 0, isSuspect: false },
    lambda: {},
    ledger: { store },
    destinations: new Destinations(),
    runInSlot: async (work: (run: object) => unknown) => work({ slot: 1 }),
    nextOwner: () => 'o',
    report: { durations: [] },
    now: () => 0,
  } as never);
}

/** The least of several runs: what the machine does besides only adds. Milliseconds of this thread's CPU. */
async function cost(body: string, runs: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const before = process.cpuUsage();
    await bringToOutcome(body);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/**
 * Eight times the text may cost eight times the time, and what garbage collection adds; where something looked twice at what
 * it had seen, it would be 64 times. Growth and not a time, since nobody knows how busy the machine is.
 */
const MOST_GROWTH = 30;

test.each(Object.entries(SHAPES))(
  '%s: eight times the text does not cost many times more than eight',
  async (_name, shape) => {
    const [text, longText] = [shape(131_072), shape(1_048_576)];
    expect(['done', 'dead']).toContain(await bringToOutcome(text));
    const small = await cost(text, 4);
    expect((await cost(longText, 2)) / Math.max(1, small)).toBeLessThan(MOST_GROWTH);
  },
);

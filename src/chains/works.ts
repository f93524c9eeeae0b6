import type { SQSRecord } from 'aws-lambda';
import type { Verdict } from '../engine/verdict.ts';
import type { AnyJobType } from '../job.ts';
import type { HandOver } from '../ledger/record.ts';
import { jobIdOf, ledgerKey } from '../queues/job-key.ts';
import { readMessage } from '../queues/message.ts';
import type { QueueStrategy } from '../queues/queue-strategy.ts';
import { firstHistory, type History, type Received } from '../queues/redelivery.ts';
import { readRequeued } from '../queues/requeued.ts';
import type { RecordChain } from './record.ts';

/** A job type that a worker runs. */
export interface KnownType {
  readonly type: AnyJobType;
  readonly chain: RecordChain;
  /** The last run on which a job may fail: the strategy's `lastRun`. */
  readonly lastRun: number;
}

/** One record of a batch, with what is needed to take it to its verdict. */
export interface Work extends Received {
  /** Undefined where the worker does not run this job type, or where the record holds no job. */
  readonly known: KnownType | undefined;
  readonly lane: string | undefined;
  /** The one before it in its lane. */
  readonly before: Work | undefined;
  /** Set once there is a verdict. */
  verdict?: Verdict['kind'];
  /** Set once the queue was asked: whether its earlier runs do not count any more. */
  startsAnew?: boolean;
  /** Replaced while the work is done, once the ledger was asked about earlier deliveries. */
  history: History;
  /** Set with its verdict, where the job has something to hand over that is not known to be sent. */
  handOver?: HandOver;
}

/** What a worker needs to read records. */
export interface Reading {
  readonly types: ReadonlyMap<string, KnownType>;
  readonly defaultType: string | undefined;
  readonly strategy: QueueStrategy;
}

/** The records of a batch, in the order in which they start. */
export function worksOf(records: readonly SQSRecord[], reading: Reading, now: number): Work[] {
  if (!reading.strategy.keepsOrder) return hardestTriedFirst(records.map((record) => workOf(record, reading, now)));
  const last = new Map<string | undefined, Work>();
  return records.map((record) => {
    const work = workOf(record, reading, now, last);
    last.set(work.lane, work);
    return work;
  });
}

function workOf(record: SQSRecord, reading: Reading, now: number, last?: ReadonlyMap<string | undefined, Work>): Work {
  const { types, defaultType, strategy } = reading;
  const message = readMessage(record, defaultType);
  const known = message.invalid ? undefined : types.get(message.type);
  const requeued = readRequeued(record, now);
  const history = firstHistory({ record, requeued });
  const jobId = known && jobIdOf(known.type, message.job);
  const lane = strategy.laneOf(message, jobId === undefined ? undefined : ledgerKey((known as KnownType).type, jobId));
  // What holds no job is of the default type, as far as anybody can tell.
  const blocks = (known ?? types.get(defaultType ?? ''))?.type.whenDead === 'block';
  return { ...message, known, jobId, lane, before: last?.get(lane), requeued, history, blocks };
}

/**
 * Whether another message of its lane ran before it in this batch. A duplicate has not run, and may have been done before a
 * process was killed.
 */
export function isBehind({ before }: Work): boolean {
  return before !== undefined && (before.verdict !== 'duplicate' || isBehind(before));
}

/**
 * Messages with the most receives start first. Otherwise a message that was received before and not started could wait
 * until SQS moves it to the DLQ.
 */
function hardestTriedFirst(works: Work[]): Work[] {
  return works.some(({ receiveCount }) => receiveCount > 1)
    ? works.sort((a, b) => b.receiveCount - a.receiveCount)
    : works;
}

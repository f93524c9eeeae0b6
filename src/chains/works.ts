import type { SQSRecord } from 'aws-lambda';
import type { AnyJobType } from '../job.ts';
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
  /** The last run on which a job may fail: the type's attempts, limited by the queue's `maxReceiveCount`. */
  readonly lastRun: number;
}

/** One record of a batch, with what is needed to take it to its verdict. */
export interface Work extends Received {
  /** Undefined where the worker does not run this job type, or where the record holds no job. */
  readonly known: KnownType | undefined;
  readonly lane: string | undefined;
  /** Replaced while the work is done, once the ledger was asked about earlier deliveries. */
  history: History;
}

/** What a worker needs to read records. */
export interface Reading {
  readonly types: ReadonlyMap<string, KnownType>;
  readonly defaultType: string | undefined;
  readonly strategy: QueueStrategy;
}

/** The records of a batch, in the order in which they start. */
export function worksOf(records: readonly SQSRecord[], reading: Reading, now: number): Work[] {
  const works = records.map((record) => workOf(record, reading, now));
  return reading.strategy.keepsOrder ? works : hardestTriedFirst(works);
}

function workOf(record: SQSRecord, { types, defaultType, strategy }: Reading, now: number): Work {
  const message = readMessage(record, defaultType);
  const known = message.invalid ? undefined : types.get(message.type);
  const requeued = readRequeued(record, now);
  const history = firstHistory({ record, requeued });
  const jobId = known && jobIdOf(known.type, message.job);
  const lane = strategy.laneOf(message, jobId === undefined ? undefined : ledgerKey((known as KnownType).type, jobId));
  return { ...message, known, jobId, lane, requeued, history };
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

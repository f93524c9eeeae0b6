import type { Logger } from '@aws-lambda-powertools/logger';
import type middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { RunInSlot } from '../../engine/batch-options.ts';
import type { Destinations } from '../../engine/destinations.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Entry, HandOver, StoredRecord } from '../../ledger/record.ts';
import type { RawJob } from '../../queues/message.ts';
import type { History, InGroup, Received } from '../../queues/redelivery.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Trace } from '../../telemetry/log.ts';
import type { Report } from '../../telemetry/report.ts';

/** What all records of an invocation share: Lambda's context, and what the invocation made. */
export interface InvocationContext extends Context {
  /** Lambda's context without our additions, for the handlers' context. */
  readonly lambda: Context;
  /** After this many receives SQS itself moves a message to the DLQ; infinite on a FIFO queue, which allows 1,000. */
  readonly maxReceiveCount: number;
  /** The queue's visibility timeout. */
  readonly visibilityMs: number;
  /** The strategy's. */
  readonly leastWaitMs?: ((runs: number) => number) | undefined;
  readonly ledger: Ledger;
  /** Where a suspect's handler runs, so that it can end only that process; undefined where there is none. */
  readonly sandbox: Sandbox | undefined;
  /** Names for the invocation's runs: see `ownerNames`. */
  readonly nextOwner: () => string;
  readonly destinations: Destinations;
  readonly log: Logger;
  readonly trace: Trace;
  readonly report: Report;
  readonly now: () => number;
}

/** Middy's `context` in the record chain, one for each record: everything it knows besides the job. */
export interface RecordContext extends InvocationContext {
  readonly message: Received;
  /** The last run on which this job may fail: the strategy's `lastRun`. */
  readonly lastRun: number;
  /**
   * The message's earlier deliveries. Complete once the idempotency middleware has read what is stored about the job.
   */
  history: History;
  /** Whether no other job runs in its process now. */
  readonly isAlone: boolean;
  readonly runInSlot: RunInSlot;
  /** Undefined on a standard queue. */
  readonly inGroup?: InGroup | undefined;
  /** Set by the idempotency middleware. */
  entry?: Entry;
  /** Set where the ledger was asked about the job before its run. */
  stored?: StoredRecord | undefined;
  /** Set once a lease is held. */
  fencingToken?: number;
  /** Set with the verdict done or duplicate, where the job has something to hand over that is not known to be sent. */
  handOver?: HandOver;
  /** Set when the handler starts. */
  slot?: number;
}

/** A Middy middleware of the record chain. Its event is the job, its context is the record's. */
export type RecordMiddleware<Response = unknown> = middy.MiddlewareObj<RawJob, Response, unknown, RecordContext>;

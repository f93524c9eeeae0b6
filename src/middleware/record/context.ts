import type { Logger } from '@aws-lambda-powertools/logger';
import type middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { RunInSlot } from '../../engine/batch-options.ts';
import type { Destinations } from '../../engine/destinations.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Entry, StoredRecord } from '../../ledger/record.ts';
import type { RawJob } from '../../queues/message.ts';
import type { History, Received } from '../../queues/redelivery.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Trace } from '../../telemetry/log.ts';
import type { Report } from '../../telemetry/report.ts';

/** What all records of an invocation share: Lambda's context, and what was made in the invocation. */
export interface InvocationContext extends Context {
  /** Lambda's context by itself, for what handlers are told. */
  readonly lambda: Context;
  /** After so many receives SQS itself moves a message to the DLQ. */
  readonly maxReceiveCount: number;
  /** The queue's visibility timeout. */
  readonly visibilityMs: number;
  readonly ledger: Ledger;
  /** Where a suspect's handler runs, so that it ends no process but that one; absent where there is none. */
  readonly sandbox: Sandbox | undefined;
  /** Names for the invocation's runs: see `ownerNames`. */
  readonly nextOwner: () => string;
  readonly destinations: Destinations;
  readonly log: Logger;
  readonly trace: Trace;
  readonly report: Report;
  readonly now: () => number;
}

/** What a record chain knows besides the job: Middy's `context`, one for each record. */
export interface RecordContext extends InvocationContext {
  readonly message: Received;
  /** The last run on which this job may fail and be retried: the job type's attempts, capped by the queue's receives. */
  readonly lastRun: number;
  /** Of its earlier deliveries; complete once the idempotency middleware has read what is stored about the job. */
  history: History;
  /** Whether the job shares its process with no other now. */
  readonly isAlone: boolean;
  readonly runInSlot: RunInSlot;
  /** Set by the idempotency middleware. */
  entry?: Entry;
  /** Set where the ledger was asked about the job before it ran. */
  stored?: StoredRecord | undefined;
  /** Set once a lease is held, until it is completed. */
  fencingToken?: number;
  /** Set by the handler. */
  slot?: number;
}

/** A Middy middleware of the record chain: its event is the job, its context is the record's. */
export type RecordMiddleware<Response = unknown> = middy.MiddlewareObj<RawJob, Response, unknown, RecordContext>;

import type { Logger } from '@aws-lambda-powertools/logger';
import type { RunInSlot } from './engine/run-batch.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Entry } from './ledger/record.ts';
import type { Message, RawJob } from './message.ts';
import type { Report } from './report.ts';

/** What a record chain knows besides the job: Middy's `context`, one for each record. */
export interface RecordContext {
  readonly message: Message;
  /** The last receive on which this job may fail and be retried: the job type's attempts, capped by the queue's. */
  readonly lastReceive: number;
  readonly ledger: Ledger;
  readonly runInSlot: RunInSlot;
  readonly nextOwner: () => string;
  readonly log: Logger;
  /** Logs one step of one job; absent unless the level is DEBUG, so that a job costs no log call. */
  readonly trace: ((action: string, details: object) => void) | undefined;
  readonly report: Report;
  readonly now: () => number;
  /** Set by the idempotency middleware. */
  entry?: Entry;
  /** Set once a lease is held, until it is completed. */
  fencingToken?: number;
  /** Set by the handler. */
  slot?: number;
}

/** A Middy middleware of the record chain: its event is the job, its context is the record's. */
export interface RecordMiddleware<Response = unknown> {
  before?(request: RecordRequest<Response>): unknown;
  after?(request: RecordRequest<Response>): unknown;
  onError?(request: RecordRequest<Response>): unknown;
}

interface RecordRequest<Response> {
  readonly event: RawJob;
  readonly context: RecordContext;
  readonly error: unknown;
  response: Response;
}

import type { Json } from '../job.ts';
import type { Attempt, Entry, HandOver, LeasedRun, StoredRecord } from './record.ts';

/**
 * The interface that a new store implements: one folder beside `dynamodb/`, tested by `test/ledger/contract.ts`. The
 * rules of the ledger (who may run, who was first, who holds the lease) are in `ledger.ts`, the same for all stores. A
 * store reads records, and writes them under conditions. Made once per cold start.
 */
export interface LedgerStore {
  /** Opens the store for one invocation. */
  open(): StoreSession;
}

/** What operators ask about single jobs. */
export interface LedgerArchive {
  /** Everything that is kept about a job, the latest write included; undefined where there is nothing. */
  describe(key: string): Promise<JobRecord | undefined>;
}

/**
 * A store, open for one invocation. Writes that run at once may share requests. Trouble that may pass (throttles, lost
 * connections) is answered with retries and pauses until `close`. A write whose answer was lost is written once.
 *
 * Every method may throw `LedgerUnavailable` (the store cannot be reached; no job is at fault, the job comes back) and
 * `PermanentError` (the store can never hold this key or result).
 */
export interface StoreSession {
  /** The record of a key, the latest write included; undefined where there is none. */
  read(key: string): Promise<StoredRecord | undefined>;
  /** Writes a record where there is none. @returns whether it was written; false where there is one, which stays */
  insert(entry: Entry, content: Content): Promise<boolean>;
  /**
   * Replaces a record, if nothing that `standing` looks at has changed since it was read. The new record has the next
   * fencing token.
   *
   * @returns whether it was written
   */
  replace(entry: Entry, content: Content, stored: StoredRecord): Promise<boolean>;
  /**
   * Turns the record that `entry.owner` owns into a result. A second call succeeds, too. @returns whether the record is
   * ours
   */
  finish(entry: Entry, content: DoneContent): Promise<boolean>;
  /**
   * Notes a failed run in the record on which `entry.owner` holds a lease. Otherwise it changes nothing.
   *
   * @param lease whether the lease ends now, or lasts until it expires
   */
  fail(entry: Entry, content: FailedContent, lease: 'ends' | 'lasts'): Promise<void>;
  /**
   * Notes that a hand-over was sent: it goes, and the time stays. Changes nothing where the record is no longer the result
   * of `handOver.owner`. Tried once, since a message is held up by it, and little is lost with it.
   *
   * @param at ISO 8601, UTC
   */
  confirm(handOver: HandOver, at: string): Promise<void>;
  /** Waits before another try. @throws LedgerUnavailable once the session is closed */
  pause(): Promise<void>;
  /** Sends the waiting writes now. */
  flush(): void;
  /**
   * Ends every request and every pause. Rejects everything that waits or is under way, and all later calls, with
   * `LedgerUnavailable`.
   */
  close(): void;
  /** Requests that failed, reads (`check`) and writes (`save`). Those that are simply tried again do not count. */
  readonly errors: { readonly check: number; readonly save: number };
}

interface Stamp {
  /** When it is written: ISO 8601, UTC. */
  readonly at: string;
  /** When the record expires: seconds since the epoch. */
  readonly ttl: number;
}

export interface DoneContent extends Stamp {
  readonly status: 'done';
  /** Undefined where only the fact is kept that the job is done. */
  readonly result: Json | undefined;
  /** What the next step gets, stored in the same write; undefined where there is nothing to hand over. */
  readonly handOver?: string | undefined;
}

export interface RunningContent extends Stamp {
  readonly status: 'running';
  /** Milliseconds since the epoch. */
  readonly leaseUntil: number;
  readonly run: LeasedRun;
}

export interface FailedContent extends Stamp {
  readonly status: 'failed' | 'dead';
  readonly attempt: Attempt;
}

/** What a run writes into its job's record, besides the entry itself. */
export type Content = DoneContent | RunningContent | FailedContent;

/** A store for code that only reads. */
export type RecordReader = Pick<StoreSession, 'read'>;

/** A record, with the fields that only operators need. Times are ISO 8601, UTC, as they were written. */
export interface JobRecord extends StoredRecord {
  readonly type: string | undefined;
  /** Class and message of the last error. */
  readonly error: string | undefined;
  readonly failedAt: string | undefined;
  readonly retryAt: string | undefined;
  readonly claimedAt: string | undefined;
  readonly completedAt: string | undefined;
  /** When what it hands over was known to be sent. */
  readonly handedOverAt: string | undefined;
  /** Undefined where there is none, or where only the fact is kept. Null is a result. */
  readonly result?: unknown;
}

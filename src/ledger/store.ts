import type { Json } from '../job.ts';
import type { Attempt, Entry, LeasedRun, StoredRecord } from './record.ts';

/**
 * What a new store implements: one folder beside `dynamodb/`, and the tests of `test/ledger/contract.ts`. The rules of the
 * ledger (who may run, who was first, whose lease it is) are in `ledger.ts` and the same for all; a store reads records and
 * writes them under conditions. Made once per cold start.
 */
export interface LedgerStore {
  /** Opens the store for one invocation. */
  open(): StoreSession;
}

/** What an operator asks about single jobs. */
export interface LedgerArchive {
  /** All that is kept about a job, the latest write included; undefined where there is nothing. */
  describe(key: string): Promise<JobRecord | undefined>;
}

/**
 * A store for the length of one invocation. Writes that run at once may share requests. Trouble that may pass (throttles, lost
 * connections) is met with paced retries until `close`; a write whose answer was lost is written once.
 *
 * Every method may throw `LedgerUnavailable` (the store is out of reach: nobody's fault, the job comes back) and
 * `PermanentError` (the store can never hold this key or result).
 */
export interface StoreSession {
  /** The record of a key as the latest write left it; undefined where there is none. */
  read(key: string): Promise<StoredRecord | undefined>;
  /** Writes a record where none is. @returns whether it was written: false where there is one, and it stays */
  insert(entry: Entry, content: Content): Promise<boolean>;
  /**
   * Replaces a record if it is still as it was read: no writer may have changed anything that `standing` looks at. The new record
   * carries the next fencing token.
   *
   * @returns whether it was written
   */
  replace(entry: Entry, content: Content, stored: StoredRecord): Promise<boolean>;
  /** Makes a result of the record that `entry.owner` owns. Applied twice it succeeds twice. @returns whether it is ours */
  finish(entry: Entry, content: DoneContent): Promise<boolean>;
  /**
   * Notes a failed run in the record that `entry.owner` holds a lease on; changes nothing where that is not so.
   *
   * @param lease whether it ends now, or lasts as long as it would have
   */
  fail(entry: Entry, content: FailedContent, lease: 'ends' | 'lasts'): Promise<void>;
  /** Between two tries at the same thing. @throws LedgerUnavailable once the session is closed */
  pause(): Promise<void>;
  /** Sends what waits for company. */
  flush(): void;
  /** Ends every request and every pause, and rejects all that waits, is under way or still comes with `LedgerUnavailable`. */
  close(): void;
  /** Requests that failed, throttles not counted: reads, and writes. */
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

/** What a run writes into its job's place, besides the entry itself. */
export type Content = DoneContent | RunningContent | FailedContent;

/** Who only reads. */
export type RecordReader = Pick<StoreSession, 'read'>;

/** A record with what only operators look at. Times are texts as they were written, ISO 8601, UTC. */
export interface JobRecord extends StoredRecord {
  readonly type: string | undefined;
  /** Class and message of the last error. */
  readonly error: string | undefined;
  readonly failedAt: string | undefined;
  readonly retryAt: string | undefined;
  readonly claimedAt: string | undefined;
  readonly completedAt: string | undefined;
  /** Undefined where there is none, or only the fact is kept; null is a result. */
  readonly result?: unknown;
}

import type { BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import { Deferred, PayloadConflict } from '../../failures/errors.ts';
import type { Json } from '../../job.ts';
import { type Attempt, type Entry, type LeasedRun, type StoredRecord, standing } from '../record.ts';
import { ledgerUnavailable } from './failures.ts';
import { marshalResult, wireBytes } from './marshal.ts';
import type { Content, Statements } from './statements.ts';
import type { LedgerTable, Write, Written } from './table.ts';

/** What a run found in its job's place: it is now its own, or the job was done before. */
export type Claim = { readonly kind: 'claimed'; readonly fencingToken: number } | { readonly kind: 'duplicate' };

export interface LedgerOptions {
  readonly table: LedgerTable;
  readonly statements: Statements;
  /** Milliseconds since the epoch at which leases claimed now end; see `leaseEnd`. */
  readonly leaseUntil: number;
  readonly resultTtlDays: number;
  readonly now: () => number;
}

/** Looks at a key before its job is deferred: the table said that the place is taken, and then that it is not. */
const MOST_ROUNDS = 6;

/**
 * How long a lease lasts: past the end of its invocation, which no run survives, by as much again, so that clocks may
 * differ by the function's own time limit. It stays below the queue's visibility timeout (six times that limit), so a
 * crashed run's message never meets its own lease.
 *
 * @param now milliseconds since the epoch
 * @param remainingMs what is left of the invocation
 */
export function leaseEnd(now: number, remainingMs: number): number {
  return now + 2 * remainingMs;
}

/**
 * What has been done, for one invocation. The result record is the idempotency record: one conditional write per job.
 * Every method may throw LedgerUnavailable; a write whose answer was lost is recognised by its owner and counts once.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  #stamped: { now: number; at: string; ttl: number } | undefined;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** What is stored about a job that was received before; undefined where there is nothing. */
  recall(key: string): Promise<StoredRecord | undefined> {
    return this.#options.table.read(key);
  }

  /**
   * Takes a lease on a job before it runs.
   *
   * @param run what is kept about it while it runs, in case it leaves no outcome
   * @param stored what `recall` answered, if it was asked: saves a write that would fail
   * @throws PayloadConflict when the key was accepted with another payload; Deferred until the end of a live lease
   */
  claim(entry: Entry, run: LeasedRun, stored?: StoredRecord): Promise<Claim> {
    const content: Content = { ...this.#stamp(), status: 'running', leaseUntil: this.#options.leaseUntil, run };
    return this.#occupy(entry, content, (write) => this.#options.table.claim(write), stored);
  }

  /**
   * Stores the result of a job that runs without a lease.
   *
   * @param stored as for `claim`
   * @throws PayloadConflict, Deferred as `claim`; PermanentError when DynamoDB cannot hold the result
   */
  async store(entry: Entry, result: Json, stored?: StoredRecord): Promise<'stored' | 'duplicate'> {
    const { at, ttl } = this.#stamp();
    const content: Content = { at, ttl, status: 'done', result: marshalResult(result) };
    const { kind } = await this.#occupy(entry, content, (write) => this.#options.table.store(write), stored);
    return kind === 'claimed' ? 'stored' : kind;
  }

  /**
   * Turns our lease into a result.
   *
   * @throws Deferred when another worker took the lease over: the job's next receive finds out what became of it
   */
  async complete(entry: Entry, result: Json): Promise<'stored' | 'duplicate'> {
    const { at, ttl } = this.#stamp();
    const content = { at, ttl, status: 'done', result: marshalResult(result) } as const;
    const written = await this.#options.table.complete(
      this.#write(entry, this.#options.statements.complete(entry, content), wireBytes(content.result)),
    );
    if (written === 'written') return 'stored';
    // An applied write whose answer was lost, and was then tried again, changes nothing and succeeds as well.
    const stored = await this.#options.table.read(entry.key);
    if (stored && standing(stored, entry, this.#options.now()) === 'done') return 'duplicate';
    throw new Deferred("the job's lease was taken over; this run's result is refused", { afterMs: 0 });
  }

  /** Ends our lease without a result, and notes why. A lease that is no longer ours stays as it is. */
  async release(entry: Entry, status: 'failed' | 'dead', attempt: Attempt): Promise<void> {
    const content = { ...this.#stamp(), status, attempt };
    await this.#options.table.store(this.#write(entry, this.#options.statements.release(entry, content)));
  }

  /** Notes why a run failed that may still be going on: its lease lasts until it ends by itself. */
  async keep(entry: Entry, attempt: Attempt): Promise<void> {
    const content = { ...this.#stamp(), status: 'failed' as const, attempt };
    await this.#options.table.store(this.#write(entry, this.#options.statements.keep(entry, content)));
  }

  /**
   * Notes why a job failed that ran without a lease. Tried once: where another run has written meanwhile, that says more.
   *
   * @param stored as for `claim`
   */
  async note(entry: Entry, status: 'failed' | 'dead', attempt: Attempt, stored?: StoredRecord): Promise<void> {
    const { statements, table, now } = this.#options;
    const content = { ...this.#stamp(), status, attempt };
    let found = stored;
    if (!found) {
      const inserted = await table.store(this.#write(entry, statements.insert(entry, content)));
      if (inserted === 'written') return;
      found = await table.read(entry.key);
    }
    if (!found || standing(found, entry, now()) !== 'free') return;
    await table.store(this.#write(entry, statements.replace(entry, content, found)));
  }

  /** Puts `content` into the job's place if that is free or counts as free. */
  async #occupy(
    entry: Entry,
    content: Content,
    write: (write: Write) => Promise<Written>,
    recalled: StoredRecord | undefined,
  ): Promise<Claim> {
    const { statements, table, now } = this.#options;
    const bytes = content.status === 'done' ? wireBytes(content.result) : 0;
    let stored = recalled;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      // Two runs that take turns, or a table that contradicts itself: neither may make this loop spin.
      if (round > 1) await table.pause();
      if (!stored) {
        if ((await write(this.#write(entry, statements.insert(entry, content), bytes))) === 'written') {
          return { kind: 'claimed', fencingToken: 1 };
        }
        stored = await table.read(entry.key);
        if (!stored) continue;
      }
      switch (standing(stored, entry, now())) {
        case 'ours':
          return { kind: 'claimed', fencingToken: stored.fencingToken };
        case 'done':
          return { kind: 'duplicate' };
        case 'conflict':
          throw new PayloadConflict(entry.key, stored.fingerprint, entry.fingerprint);
        case 'leased':
          throw new Deferred('another worker holds the lease on the job', { afterMs: stored.leaseUntil - now() });
        case 'free': {
          const replaced = await write(this.#write(entry, statements.replace(entry, content, stored), bytes));
          if (replaced === 'written') return { kind: 'claimed', fencingToken: stored.fencingToken + 1 };
          stored = await table.read(entry.key);
        }
      }
    }
    throw ledgerUnavailable('the record of the job kept changing while this run tried to take its place');
  }

  #write({ key }: Entry, request: BatchStatementRequest, bytes = 0): Write {
    return { key, request, bytes };
  }

  /** Many results share a millisecond, and so its text. */
  #stamp(): { at: string; ttl: number } {
    const now = this.#options.now();
    if (now !== this.#stamped?.now) {
      const ttl = Math.floor(now / 1000) + this.#options.resultTtlDays * 86_400;
      this.#stamped = { now, at: new Date(now).toISOString(), ttl };
    }
    return this.#stamped;
  }
}

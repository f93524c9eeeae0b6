import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import { Deferred, PayloadConflict } from '../errors.ts';
import type { Json } from '../job.ts';
import { marshalResult } from './marshal.ts';
import { type Entry, standing } from './record.ts';
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

/**
 * How long a lease lasts: past the end of its invocation, which no run survives, by as much again, so that clocks may
 * differ by the function's own time limit. It stays below the queue's visibility timeout (six times that limit), so a
 * crashed run's message never meets its own lease.
 */
export function leaseEnd({ startedAt, endsAt }: { startedAt: number; endsAt: number }): number {
  return endsAt + (endsAt - startedAt);
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

  /**
   * Takes a lease on a job before it runs.
   *
   * @throws PayloadConflict when the key was accepted with another payload; Deferred until the end of a live lease
   */
  claim(entry: Entry): Promise<Claim> {
    const { at, ttl } = this.#stamp();
    const content: Content = { at, ttl, status: 'running', leaseUntil: this.#options.leaseUntil };
    return this.#occupy(entry, content, (write) => this.#options.table.claim(write));
  }

  /**
   * Stores the result of a job that runs without a lease.
   *
   * @throws PayloadConflict, Deferred as `claim`; PermanentError when DynamoDB cannot hold the result
   */
  async store(entry: Entry, result: Json): Promise<'stored' | 'duplicate'> {
    const { at, ttl } = this.#stamp();
    const content: Content = { at, ttl, status: 'done', result: marshalResult(result) };
    const { kind } = await this.#occupy(entry, content, (write) => this.#options.table.store(write));
    return kind === 'claimed' ? 'stored' : kind;
  }

  /**
   * Turns our lease into a result.
   *
   * @throws Deferred when another worker took the lease over: the job's next receive finds out what became of it
   */
  async complete(entry: Entry, result: Json): Promise<'stored' | 'duplicate'> {
    const { at, ttl } = this.#stamp();
    const content: Content & { result: AttributeValue } = { at, ttl, status: 'done', result: marshalResult(result) };
    const written = await this.#options.table.store(
      this.#write(entry, this.#options.statements.complete(entry, content)),
    );
    if (written === 'written') return 'stored';
    // An applied write whose answer was lost, and was then tried again, changes nothing and succeeds as well.
    const stored = await this.#options.table.read(entry.key);
    if (stored && standing(stored, entry, this.#options.now()) === 'done') return 'duplicate';
    throw new Deferred(`the lease on job ${entry.key} was taken over; this run's result is refused`, { afterMs: 0 });
  }

  /** Ends our lease without a result. A lease that is no longer ours stays as it is. */
  async release(entry: Entry, status: 'failed' | 'dead'): Promise<void> {
    await this.#options.table.store(this.#write(entry, this.#options.statements.release(entry, status)));
  }

  /** Puts `content` into the job's place if that is free or counts as free. */
  async #occupy(entry: Entry, content: Content, write: (write: Write) => Promise<Written>): Promise<Claim> {
    const { statements, table, now } = this.#options;
    for (;;) {
      if ((await write(this.#write(entry, statements.insert(entry, content)))) === 'written') {
        return { kind: 'claimed', fencingToken: 1 };
      }
      const stored = await table.read(entry.key);
      if (!stored) continue;
      switch (standing(stored, entry, now())) {
        case 'ours':
          return { kind: 'claimed', fencingToken: stored.fencingToken };
        case 'done':
          return { kind: 'duplicate' };
        case 'conflict':
          throw new PayloadConflict(entry.key, stored.fingerprint, entry.fingerprint);
        case 'leased':
          throw new Deferred(`another worker holds the lease on job ${entry.key}`, {
            afterMs: stored.leaseUntil - now(),
          });
        case 'free': {
          const replaced = await write(this.#write(entry, statements.replace(entry, content, stored)));
          if (replaced === 'written') return { kind: 'claimed', fencingToken: stored.fencingToken + 1 };
        }
      }
    }
  }

  #write(entry: Entry, request: BatchStatementRequest): Write {
    return { key: entry.key, request };
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

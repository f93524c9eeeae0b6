import { Deferred, PayloadConflict } from '../failures/errors.ts';
import type { Json } from '../job.ts';
import { type Attempt, type Entry, type LeasedRun, type StoredRecord, standing } from './record.ts';
import type { Content, StoreSession } from './store.ts';
import { ledgerUnavailable } from './unavailable.ts';

/** What a run found in its job's place: it is now its own, or the job was done before. */
export type Claim = { readonly kind: 'claimed'; readonly fencingToken: number } | { readonly kind: 'duplicate' };

export interface LedgerOptions {
  readonly store: StoreSession;
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
 * What has been done, for one invocation: the rules, the same for every store. The result record is the idempotency record: one
 * conditional write per job. Every method may throw LedgerUnavailable.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  #stamped: { now: number; at: string; ttl: number } | undefined;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** What is stored about a job that was received before; undefined where there is nothing. */
  recall(key: string): Promise<StoredRecord | undefined> {
    return this.#options.store.read(key);
  }

  /**
   * Takes a lease on a job before it runs.
   *
   * @param run what is kept about it while it runs, in case it leaves no outcome
   * @param stored what `recall` answered, if it was asked: saves a write that would fail
   * @throws PayloadConflict when the key was accepted with another payload; Deferred until the end of a live lease
   */
  claim(entry: Entry, run: LeasedRun, stored?: StoredRecord): Promise<Claim> {
    const { leaseUntil } = this.#options;
    return this.#occupy(entry, { ...this.#stamp(), status: 'running', leaseUntil, run }, stored);
  }

  /**
   * Stores the result of a job that runs without a lease.
   *
   * @param result undefined where only the fact is kept that the job is done
   * @param stored as for `claim`
   * @throws PayloadConflict, Deferred as `claim`; PermanentError when the store cannot hold the result
   */
  async store(entry: Entry, result: Json | undefined, stored?: StoredRecord): Promise<'stored' | 'duplicate'> {
    const { kind } = await this.#occupy(entry, { ...this.#stamp(), status: 'done', result }, stored);
    return kind === 'claimed' ? 'stored' : kind;
  }

  /**
   * Turns our lease into a result.
   *
   * @param result as for `store`
   * @throws Deferred when another worker took the lease over: the job's next receive finds out what became of it
   */
  async complete(entry: Entry, result: Json | undefined): Promise<'stored' | 'duplicate'> {
    const { store, now } = this.#options;
    if (await store.finish(entry, { ...this.#stamp(), status: 'done', result })) return 'stored';
    const found = await store.read(entry.key);
    if (found && standing(found, entry, now()) === 'done') return 'duplicate';
    throw new Deferred("the job's lease was taken over; this run's result is refused", { afterMs: 0 });
  }

  /**
   * Notes why a run failed that holds a lease. A lease that is no longer ours stays as it is.
   *
   * @param lease `lasts` for a handler that could not be stopped, until it ends by itself
   */
  async fail(entry: Entry, status: 'failed' | 'dead', attempt: Attempt, lease: 'ends' | 'lasts'): Promise<void> {
    await this.#options.store.fail(entry, { ...this.#stamp(), status, attempt }, lease);
  }

  /**
   * Notes why a job failed that ran without a lease. Tried once: where another run has written meanwhile, that says more.
   *
   * @param stored as for `claim`
   */
  async note(entry: Entry, status: 'failed' | 'dead', attempt: Attempt, stored?: StoredRecord): Promise<void> {
    const { store, now } = this.#options;
    const content: Content = { ...this.#stamp(), status, attempt };
    let found = stored;
    if (!found) {
      if (await store.insert(entry, content)) return;
      found = await store.read(entry.key);
    }
    if (!found || standing(found, entry, now()) !== 'free') return;
    await store.replace(entry, content, found);
  }

  /** Puts `content` into the job's place if that is free or counts as free. */
  async #occupy(entry: Entry, content: Content, recalled: StoredRecord | undefined): Promise<Claim> {
    const { store, now } = this.#options;
    let found = recalled;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      // Two runs that take turns, or a store that contradicts itself: neither may make this loop spin.
      if (round > 1) await store.pause();
      if (!found) {
        if (await store.insert(entry, content)) return { kind: 'claimed', fencingToken: 1 };
        found = await store.read(entry.key);
        if (!found) continue;
      }
      switch (standing(found, entry, now())) {
        case 'ours':
          return { kind: 'claimed', fencingToken: found.fencingToken };
        case 'done':
          return { kind: 'duplicate' };
        case 'conflict':
          throw new PayloadConflict(entry.key, found.fingerprint, entry.fingerprint);
        case 'leased':
          throw new Deferred('another worker holds the lease on the job', { afterMs: found.leaseUntil - now() });
        case 'free': {
          if (await store.replace(entry, content, found)) {
            return { kind: 'claimed', fencingToken: found.fencingToken + 1 };
          }
          found = await store.read(entry.key);
        }
      }
    }
    throw ledgerUnavailable('the record of the job kept changing while this run tried to take its place');
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

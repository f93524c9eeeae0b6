import { Deferred, PayloadConflict } from '../failures/errors.ts';
import type { Json } from '../job.ts';
import {
  type Attempt,
  type Entry,
  type HandOver,
  handOverOf,
  type LeasedRun,
  type StoredRecord,
  standing,
} from './record.ts';
import type { Content, StoreSession } from './store.ts';
import { ledgerUnavailable } from './unavailable.ts';

/** The result of a claim: the run holds the job's record now, or the job was done before. */
export type Claim = { readonly kind: 'claimed'; readonly fencingToken: number } | Duplicate;

/** The job was done before. What it hands over is here, where that is not known to be sent. */
export interface Duplicate {
  readonly kind: 'duplicate';
  readonly handOver?: HandOver;
}

/** The result of a write: it is this run's, or the job was done before. */
export type Written = 'stored' | 'duplicate' | HandOver;

export interface LedgerOptions {
  readonly store: StoreSession;
  /** When leases that are claimed now end, in milliseconds since the epoch; see `leaseEnd`. */
  readonly leaseUntil: number;
  readonly resultTtlDays: number;
  readonly now: () => number;
}

/**
 * How often a run tries to take its job's place before it is deferred. A try fails where the record changes between the
 * read and the write.
 */
const MOST_ROUNDS = 6;

/**
 * When a lease ends: after its invocation, which no run outlives, and as much later again. So clocks may differ by the
 * function's own time limit. The lease is shorter than the queue's visibility timeout (six times that limit), so a
 * message that comes back after a crash does not meet its own lease.
 *
 * @param now milliseconds since the epoch
 * @param remainingMs what is left of the invocation
 */
export function leaseEnd(now: number, remainingMs: number): number {
  return now + 2 * remainingMs;
}

/**
 * The rules of the ledger, for one invocation. They are the same for every store. The record of a job's result is also
 * its idempotency record, so a job without a lease costs one conditional write. Every method may throw
 * LedgerUnavailable.
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
   * @param run what the record says about the run until it ends, in case it leaves no outcome
   * @param stored what `recall` returned, if it was called; it saves a write that would fail
   * @throws PayloadConflict when the key was accepted with another payload; Deferred while another worker's lease lasts
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
   * @param handOver the next step's message, stored with the result; undefined where there is none
   * @returns whether it was stored; of a job that was done before, its own hand-over where that is not known to be sent
   * @throws PayloadConflict and Deferred as `claim`; PermanentError when the store cannot hold the result
   */
  async store(entry: Entry, result: Json | undefined, stored?: StoredRecord, handOver?: string): Promise<Written> {
    const claim = await this.#occupy(entry, { ...this.#stamp(), status: 'done', result, handOver }, stored);
    return claim.kind === 'claimed' ? 'stored' : (claim.handOver ?? 'duplicate');
  }

  /**
   * Turns our lease into a result.
   *
   * @param result as for `store`, and so are `handOver` and what is returned
   * @throws Deferred when another worker took the lease over; the job's next receive shows how that run ended
   */
  async complete(entry: Entry, result: Json | undefined, handOver?: string): Promise<Written> {
    const { store, now } = this.#options;
    if (await store.finish(entry, { ...this.#stamp(), status: 'done', result, handOver })) return 'stored';
    const found = await store.read(entry.key);
    if (found && standing(found, entry, now()) === 'done') return handOverOf(entry.key, found) ?? 'duplicate';
    throw new Deferred("the job's lease was taken over; this run's result is refused", { afterMs: 0 });
  }

  /** Notes that a hand-over was sent. Where that cannot be noted, it is sent again if its message comes again. */
  async confirm(handOver: HandOver): Promise<void> {
    await this.#options.store.confirm(handOver, this.#stamp().at);
  }

  /**
   * Notes why a run with a lease failed. A lease that is no longer ours stays as it is.
   *
   * @param lease `lasts` for a handler that could not be stopped; the lease then stays until it expires
   */
  async fail(entry: Entry, status: 'failed' | 'dead', attempt: Attempt, lease: 'ends' | 'lasts'): Promise<void> {
    await this.#options.store.fail(entry, { ...this.#stamp(), status, attempt }, lease);
  }

  /**
   * Notes why a job without a lease failed. It tries once: if another run has written meanwhile, that record says more.
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

  /** Writes `content` as the job's record, if there is none or if it counts as absent. */
  async #occupy(entry: Entry, content: Content, recalled: StoredRecord | undefined): Promise<Claim> {
    const { store, now } = this.#options;
    let found = recalled;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      // Two runs may overwrite each other in turns, or a store may contradict itself. The pause keeps this loop from
      // spinning.
      if (round > 1) await store.pause();
      if (!found) {
        if (await store.insert(entry, content)) return { kind: 'claimed', fencingToken: 1 };
        found = await store.read(entry.key);
        if (!found) continue;
      }
      switch (standing(found, entry, now())) {
        case 'ours':
          return { kind: 'claimed', fencingToken: found.fencingToken };
        case 'done': {
          const handOver = handOverOf(entry.key, found);
          return { kind: 'duplicate', ...(handOver && { handOver }) };
        }
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

  /** Kept for one millisecond, because many results share it and its text. */
  #stamp(): { at: string; ttl: number } {
    const now = this.#options.now();
    if (now !== this.#stamped?.now) {
      const ttl = Math.floor(now / 1000) + this.#options.resultTtlDays * 86_400;
      this.#stamped = { now, at: new Date(now).toISOString(), ttl };
    }
    return this.#stamped;
  }
}

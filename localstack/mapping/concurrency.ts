/** Without a maximum concurrency Lambda starts with this many concurrent batches ... */
const startingBatches = 5;
/** ... and adds up to this many a minute while messages wait, up to 1,250. */
const addedPerMinute = 300;

/**
 * Where the scaling ends here. Lambda goes up to 1,250; on one machine every batch is a process of its own, and more of
 * them than this only take the processor from each other.
 */
const localCeiling = 50;

/**
 * How many batches may be in flight. A maximum concurrency is taken as it is; without one the number follows the backlog.
 * Throttled and failed invocations halve it, successes restore it one by one, as Lambda gradually backs off.
 */
export class Concurrency {
  readonly #fixed: number | undefined;
  #scaled = startingBatches;
  #allowed: number;
  #backlogSince: number | undefined;

  constructor(maximumConcurrency?: number) {
    this.#fixed = maximumConcurrency;
    this.#allowed = this.#target();
  }

  get limit(): number {
    return this.#allowed;
  }

  /** Call after every receive: `backlog` when it came back full, so that more messages are likely to wait. */
  received(backlog: boolean, now: number): void {
    if (!backlog) {
      this.#backlogSince = undefined;
      return;
    }
    const before = this.#target();
    const sinceMs = now - (this.#backlogSince ?? now);
    this.#backlogSince = now;
    this.#scaled = Math.min(localCeiling, this.#scaled + (sinceMs * addedPerMinute) / 60_000);
    if (this.#allowed === before) this.#allowed = this.#target();
  }

  /** The queue is empty: the next backlog starts from the beginning. */
  idle(): void {
    this.#scaled = startingBatches;
    this.#backlogSince = undefined;
    this.#allowed = Math.min(this.#allowed, this.#target());
  }

  succeeded(): void {
    this.#allowed = Math.min(this.#target(), this.#allowed + 1);
  }

  backOff(): void {
    this.#allowed = Math.max(1, Math.floor(this.#allowed / 2));
  }

  #target(): number {
    return this.#fixed ?? Math.floor(this.#scaled);
  }
}

/** Without a maximum concurrency, Lambda starts with this many concurrent batches. */
const startingBatches = 5;
/** It then adds up to this many a minute while messages wait, up to 1,250. */
const addedPerMinute = 300;

/**
 * The most batches here. Lambda goes up to 1,250. On one machine every batch is a process, and more processes than this
 * only slow each other down.
 */
const localCeiling = 50;

/**
 * How many batches may be in flight. A maximum concurrency is used as it is. Without one, the number grows while
 * messages wait. As on Lambda, throttled invocations halve it, and so do failed ones without ReportBatchItemFailures.
 * Each success adds one again.
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

  /**
   * Call it after every receive. `backlog` means that the receive came back full, so that more messages are likely to
   * wait.
   */
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

  /** The queue is empty. With the next messages the number grows from the start again. */
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

interface Waiting {
  readonly resolve: (slot: number) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A fixed number of worker slots, numbered from 1. Whoever asks when all are taken waits in order of asking, until a slot is
 * given back or the slots are closed.
 */
export class Slots {
  readonly #free: number[];
  readonly #waiting: Waiting[] = [];
  #next = 0;
  #closed: (() => Error) | undefined;

  constructor(size: number) {
    this.#free = Array.from({ length: size }, (_, i) => size - i);
  }

  /** A slot now, or a promise of the next one, which rejects once the slots are closed. */
  take(): number | Promise<number> {
    if (this.#closed) return Promise.reject(this.#closed());
    return this.#free.pop() ?? new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Hands the slot to the longest waiting, or keeps it free. */
  give(slot: number): void {
    const waiting = this.#waiting[this.#next];
    if (!waiting) {
      this.#free.push(slot);
      return;
    }
    // An index instead of shift(): 10,000 waiting must not cost 10,000 moves each.
    this.#next += 1;
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#next = 0;
    }
    waiting.resolve(slot);
  }

  /** Rejects all who wait, and all who still come, each with an error of `makeError`. */
  close(makeError: () => Error): void {
    this.#closed = makeError;
    for (const { reject } of this.#waiting.splice(0).slice(this.#next)) reject(makeError());
    this.#next = 0;
  }
}

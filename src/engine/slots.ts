interface Waiting {
  readonly resolve: (slot: number) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A fixed number of slots, numbered from 1. When all are taken, callers wait in the order in which they asked, until a
 * slot is free or the slots are closed.
 */
export class Slots {
  readonly #free: number[];
  readonly #waiting: Waiting[] = [];
  #next = 0;
  #closed: (() => Error) | undefined;

  constructor(size: number) {
    this.#free = Array.from({ length: size }, (_, i) => size - i);
  }

  /** A free slot, or a promise of the next one. The promise rejects once the slots are closed. */
  take(): number | Promise<number> {
    if (this.#closed) return Promise.reject(this.#closed());
    return this.#free.pop() ?? new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Gives the slot to the caller that has waited longest; without one it is free. */
  give(slot: number): void {
    const waiting = this.#waiting[this.#next];
    if (!waiting) {
      this.#free.push(slot);
      return;
    }
    // An index instead of shift(): with 10,000 waiting, each shift() would move the whole list.
    this.#next += 1;
    if (this.#next === this.#waiting.length) {
      this.#waiting.length = 0;
      this.#next = 0;
    }
    waiting.resolve(slot);
  }

  /** Rejects all callers that wait, and all later ones, each with an error of `makeError`. */
  close(makeError: () => Error): void {
    this.#closed = makeError;
    for (const { reject } of this.#waiting.splice(0).slice(this.#next)) reject(makeError());
    this.#next = 0;
  }
}

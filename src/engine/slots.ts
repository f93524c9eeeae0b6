/**
 * A fixed number of worker slots, numbered from 1. Whoever asks when all are taken waits in order of asking.
 */
export class Slots {
  readonly #free: number[];
  readonly #waiting: ((slot: number) => void)[] = [];
  #next = 0;

  constructor(size: number) {
    this.#free = Array.from({ length: size }, (_, i) => size - i);
  }

  /** A slot now, or a promise of the next one. */
  take(): number | Promise<number> {
    return this.#free.pop() ?? new Promise((resolve) => this.#waiting.push(resolve));
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
    waiting(slot);
  }
}

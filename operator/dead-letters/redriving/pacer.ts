/** Spaces messages so that no more than `rate` go in a second. Pure: time comes in as an argument. */
export class Pacer {
  /** Messages that may go together: those of a tenth of a second, at most ten. */
  readonly atOnce: number;
  readonly #msEach: number;
  #free = 0;

  /** @param rate messages a second; Infinity does not pace */
  constructor(rate: number) {
    this.atOnce = Math.min(10, Math.max(1, Math.floor(rate / 10)));
    this.#msEach = 1_000 / rate;
  }

  /**
   * Takes the next free moment for `count` messages.
   *
   * @param now milliseconds, of any clock that only goes forward
   * @returns milliseconds to wait first
   */
  reserve(count: number, now: number): number {
    const start = Math.max(this.#free, now);
    this.#free = start + count * this.#msEach;
    return start - now;
  }
}

/** Measures how long each part takes. */
export class Clock {
  /** Milliseconds of each part, in the order in which the parts ended. */
  readonly timings: Record<string, number> = {};
  readonly #startedAt = performance.now();

  async time<Result>(part: string, work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await work();
    this.timings[part] = Math.round(performance.now() - startedAt);
    return result;
  }

  /** Milliseconds since the start. */
  total(): number {
    return Math.round(performance.now() - this.#startedAt);
  }
}

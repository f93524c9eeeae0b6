/** A table's write units: a bucket that fills at a steady rate and holds one second's worth. */
export class WriteBudget {
  readonly #rate: number | undefined;
  #units: number;
  #at = performance.now();

  /** @param rate write units a second; undefined takes every write */
  constructor(rate: number | undefined) {
    this.#rate = rate;
    this.#units = rate ?? 0;
  }

  /** Takes `units` if the bucket has them. @returns false where the write is throttled; then nothing is taken */
  take(units: number): boolean {
    if (this.#rate === undefined) return true;
    const now = performance.now();
    this.#units = Math.min(this.#rate, this.#units + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
    if (this.#units < units) return false;
    this.#units -= units;
    return true;
  }
}

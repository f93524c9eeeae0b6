/**
 * Letters that may still be sent. A refused letter gives its place back. A lost answer does not, since the letter may
 * have arrived; so the limit always holds.
 */
export class Budget {
  #free: number;
  #underWay = 0;
  #spent = 0;
  #waiting: (() => void)[] = [];

  /** @param most may be Infinity */
  constructor(most: number) {
    this.#free = most;
  }

  /** Letters that were sent, or may have been. */
  get spent(): number {
    return this.#spent;
  }

  /** No place is left, and nothing under way can give one back. */
  get isSpent(): boolean {
    return this.#free <= 0 && this.#underWay === 0;
  }

  /**
   * Takes up to `wanted` places; where all are under way it waits for their answers. Each taken place must be accounted
   * for.
   *
   * @returns how many; 0 once the budget is spent
   */
  async take(wanted: number): Promise<number> {
    while (this.#free <= 0 && this.#underWay > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const taken = Math.min(wanted, Math.max(0, this.#free));
    this.#free -= taken;
    this.#underWay += taken;
    return taken;
  }

  /** @param spent of the taken places: the others are free again */
  account(taken: number, spent: number): void {
    this.#underWay -= taken;
    this.#free += taken - spent;
    this.#spent += spent;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

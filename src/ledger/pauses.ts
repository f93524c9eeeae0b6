import { backoff } from '../failures/backoff.ts';
import { outOfTime } from './unavailable.ts';

/** The pause before the next try at a store that is busy or out of reach, with full jitter; milliseconds. */
const PACE = { baseMs: 50, capMs: 1_000 };

/** The pauses between the tries of one session. They grow while trouble lasts, and end at once with the session. */
export class Pauses {
  /** Each ends one pause that is under way. */
  readonly #underWay = new Set<() => void>();
  #troubles = 0;
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** How long to pause now, in milliseconds. Each call counts as one more trouble. */
  nextMs(): number {
    this.#troubles += 1;
    return backoff(this.#troubles, PACE, Math.random());
  }

  /** The trouble is over: the next pause is short again. */
  reset(): void {
    this.#troubles = 0;
  }

  /** Waits before another try. @throws LedgerUnavailable once closed */
  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#underWay.delete(end);
        resolve();
      };
      const timer = setTimeout(end, this.nextMs());
      if (this.#isClosed) end();
      else this.#underWay.add(end);
    });
    if (this.#isClosed) throw outOfTime();
  }

  /** Ends every pause, and all that still come. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#underWay) end();
  }
}

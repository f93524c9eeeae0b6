import { itemSize } from './engine.ts';
import type { Item } from './item.ts';

/** What makes the emulated tables slower than memory, for tests and benchmarks. May be changed at run time. */
export interface Limits {
  /** Write units a table takes per second before it throttles; AWS gives one partition 1,000. Default: no limit. */
  writeUnitsPerSecond?: number | undefined;
  /** Milliseconds that every DynamoDB request takes longer. Default 0. */
  latencyMs?: number | undefined;
}

/** One bucket of write units for each table. It holds at most one second's worth, so a pause never buys a flood. */
export class WriteBudget {
  readonly #limits: Limits;
  readonly #buckets = new Map<string, { units: number; at: number }>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Takes what one write costs (1 unit for each started KB of the item) when the table has it. False means throttled:
   * nothing was taken.
   */
  take(table: string, item?: Item, now = performance.now()): boolean {
    const rate = this.#limits.writeUnitsPerSecond;
    if (rate === undefined) return true;
    const units = item ? Math.max(1, Math.ceil(itemSize(item) / 1024)) : 1;
    const bucket = this.#buckets.get(table) ?? { units: rate, at: now };
    bucket.units = Math.min(rate, bucket.units + ((now - bucket.at) / 1000) * rate);
    bucket.at = now;
    this.#buckets.set(table, bucket);
    if (bucket.units < units) return false;
    bucket.units -= units;
    return true;
  }
}

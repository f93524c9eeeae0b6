import { itemSize } from './engine.ts';
import type { Item } from './item.ts';

/** Limits that make the emulated tables slower, for tests and benchmarks. They may be changed while the cloud runs. */
export interface Limits {
  /**
   * Write units that a table takes per second before it throttles. One partition on AWS has 1,000. Default: no limit.
   */
  writeUnitsPerSecond?: number | undefined;
  /** Milliseconds that are added to every DynamoDB request. Default 0. */
  latencyMs?: number | undefined;
}

/**
 * One bucket of write units for each table. It holds at most one second's worth, so that a pause does not allow a
 * flood.
 */
export class WriteBudget {
  readonly #limits: Limits;
  readonly #buckets = new Map<string, { units: number; at: number }>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Takes the units of one write (1 for each started KB of the item), if the table has them. False means throttled:
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

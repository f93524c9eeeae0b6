import type { Deadline } from './deadline.ts';
import type { AfterFailure } from './lanes.ts';
import type { Run } from './run.ts';
import type { AFTER_ALL_OTHERS, Verdict } from './verdict.ts';

/**
 * Runs `work` in a worker slot. Waits for a free one; the slot is held for exactly as long as `work` runs.
 *
 * @throws NotStarted when the invocation's time is spent first; TransientError when the run was aborted
 */
export type RunInSlot = <Result>(work: (run: Run) => Result | Promise<Result>) => Promise<Result>;

export interface BatchOptions<Item> {
  /** Handlers that run at once, at most. */
  readonly concurrency: number;
  readonly deadline: Deadline;
  /** Items of one lane run one after another, in order; an item without a lane waits for nobody. */
  laneOf(item: Item): string | undefined;
  /** By default the rest of a lane goes on. Where it stops, an item also waits until the one before it is acknowledged. */
  readonly afterFailure?: AfterFailure;
  /** Milliseconds that one run of this item may take. */
  timeLimitOf(item: Item): number;
  /**
   * Brings an item to its verdict; the handler, and only the handler, goes through `runInSlot`. An item that must not share
   * its process with others answers `AFTER_ALL_OTHERS` and is processed again, alone.
   */
  process(item: Item, runInSlot: RunInSlot, isAlone: boolean): Promise<Verdict | typeof AFTER_ALL_OTHERS>;
  /**
   * The verdict on an item that reached none: `process` threw, which is against its contract, or stores ended before it was
   * done; then there is no error.
   */
  lastWord(item: Item, error?: unknown): Verdict;
  /** Acts on a verdict. @returns whether the item may be acknowledged */
  settle(item: Item, verdict: Verdict): Promise<boolean>;
  /** Called before the first item that runs alone: makes lasting what is settled, since the process may end. */
  beforeAlone(acknowledged: readonly Item[]): Promise<void>;
  /** The time for stores is over: ends what still tries, so that it is told within this turn of the event loop. */
  onStoresEnd(): void;
  /** No handler runs and none can start before something outside completes: whoever collects work should send it. */
  onIdle(): void;
}

export interface Outcome {
  readonly verdict: Verdict;
  readonly acknowledged: boolean;
  /** What `settle` threw against its contract. */
  readonly error?: unknown;
}

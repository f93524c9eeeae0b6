import type { Deadline } from './deadline.ts';
import type { AfterFailure } from './lanes.ts';
import type { Run } from './run.ts';
import type { AFTER_ALL_OTHERS, Verdict } from './verdict.ts';

/**
 * Waits for a free slot, and runs `work` in it. The slot is free again when `work` ends or is given up.
 *
 * @throws NotStarted when the invocation's time ends before a slot is free; TransientError when the run was aborted
 */
export type RunInSlot = <Result>(work: (run: Run) => Result | Promise<Result>) => Promise<Result>;

export interface BatchOptions<Item> {
  /** The most handlers that run at once. */
  readonly concurrency: number;
  readonly deadline: Deadline;
  /** Items of one lane run one after another, in order. An item without a lane waits for no other. */
  laneOf(item: Item): string | undefined;
  /**
   * By default a lane goes on after a failure. With `stop`, each item also waits until the one before it is
   * acknowledged.
   */
  readonly afterFailure?: AfterFailure;
  /** Milliseconds that one run of this item may take. */
  timeLimitOf(item: Item): number;
  /**
   * Takes an item to its verdict. The handler, and only the handler, goes through `runInSlot`. For an item that must
   * not share its process with others this returns `AFTER_ALL_OTHERS`; the item is then processed again, alone.
   */
  process(item: Item, runInSlot: RunInSlot, isAlone: boolean): Promise<Verdict | typeof AFTER_ALL_OTHERS>;
  /**
   * The verdict on an item that reached none. There are two cases: `process` threw, against its contract; or the time
   * for stores ended first, and then there is no error.
   */
  lastWord(item: Item, error?: unknown): Verdict;
  /** Carries out a verdict. @returns whether the item may be acknowledged */
  settle(item: Item, verdict: Verdict): Promise<boolean>;
  /** Called before the first item runs alone. It makes settled items permanent, because the process may end. */
  beforeAlone(acknowledged: readonly Item[]): Promise<void>;
  /**
   * The time for stores is over. Ends every pending call to a store; each must fail within this turn of the event loop.
   */
  onStoresEnd(): void;
  /**
   * No handler runs, and none can start before an outside call completes; or, with `stop`, an item's lane waits for it. Code that
   * collects items should send them now.
   */
  onIdle(): void;
}

export interface Outcome {
  readonly verdict: Verdict;
  readonly acknowledged: boolean;
  /** The error that `settle` threw, against its contract. */
  readonly error?: unknown;
}

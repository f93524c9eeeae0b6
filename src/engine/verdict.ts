import type { Failure } from '../failures/failure.ts';

/**
 * What a delivery ends with. Each verdict leads to one action on SQS, in one place (`queues/standard-queue.ts`). `runs`
 * counts the failed runs of the message, this one included.
 */
export type Verdict =
  /** The result is stored, by this run. */
  | { readonly kind: 'done' }
  /** The same job was done before. No result was written. */
  | { readonly kind: 'duplicate' }
  /** The job failed and may pass later. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly runs: number; readonly failure: Failure }
  /** The job failed for good, or has no run left. */
  | { readonly kind: 'dead'; readonly runs: number; readonly failure: Failure }
  /**
   * The job is not at fault. For example, its lease is held elsewhere, the ledger cannot be reached, or its destination
   * has no room.
   */
  | { readonly kind: 'deferred'; readonly afterMs: number; readonly why: string }
  /**
   * The job did not start: the invocation's time was over, it gave way to suspects, or its lane was stopped before it.
   */
  | { readonly kind: 'notStarted' };

/**
 * Returned instead of a verdict, because the item may end its process. It waits until all other items of its batch have
 * their outcome, and then runs alone.
 */
export const AFTER_ALL_OTHERS = Symbol('after all others');

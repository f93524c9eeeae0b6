import type { Failure } from '../failures/classify.ts';

/**
 * What becomes of a record. Each maps to one SQS action, in one place (`queues/standard-queue.ts`). `runs` counts the failed runs
 * of the message, this one included.
 */
export type Verdict =
  /** The result is stored, by this run. */
  | { readonly kind: 'done' }
  /** The same job was done before; nothing was written. */
  | { readonly kind: 'duplicate' }
  /** The job failed and may pass later. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly runs: number; readonly failure: Failure }
  /** The job failed and will not pass as it is, or was permitted no further run. */
  | { readonly kind: 'dead'; readonly runs: number; readonly failure: Failure }
  /** The job is not at fault: its lease is held elsewhere, or the ledger is out of reach. */
  | { readonly kind: 'deferred'; readonly afterMs: number; readonly why: string }
  /** The invocation's time was spent before the job started. */
  | { readonly kind: 'notStarted' };

/**
 * Instead of a verdict: the item may end its process, so it waits until all others of its batch have their outcome, and then
 * runs alone.
 */
export const AFTER_ALL_OTHERS = Symbol('after all others');

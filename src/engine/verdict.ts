import type { Failure } from '../classification.ts';

/**
 * What becomes of a record. Each maps to one SQS action, in one place (`queues/settlement.ts`); a record without a
 * verdict has failed and returns to its queue.
 */
export type Verdict =
  /** The result is stored, by this run. */
  | { readonly kind: 'done' }
  /** The same job was done before; nothing was written. */
  | { readonly kind: 'duplicate' }
  /** The job failed and may pass later. */
  | { readonly kind: 'retry'; readonly afterMs: number; readonly failure: Failure }
  /** The job failed and will not pass as it is, or was permitted no further receive. */
  | { readonly kind: 'dead'; readonly failure: Failure }
  /** The job is not at fault: its lease is held elsewhere, or the ledger is out of reach. */
  | { readonly kind: 'deferred'; readonly afterMs: number; readonly why: string }
  /** The invocation's time was spent before the job started. */
  | { readonly kind: 'notStarted' };

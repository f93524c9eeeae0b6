import { Deferred } from '../failures/errors.ts';

/** The store cannot be reached, or the invocation's time for stores is over. */
export class LedgerUnavailable extends Deferred {
  override readonly name = 'LedgerUnavailable';
}

/** The job is not at fault. It comes back when the store can be reached. */
export function ledgerUnavailable(message: string, cause?: unknown): LedgerUnavailable {
  return new LedgerUnavailable(`the results table cannot be used: ${message}`, { cause });
}

/** What a session that is closed tells everybody who waits, is under way or still comes. */
export function outOfTime(cause?: unknown): LedgerUnavailable {
  return ledgerUnavailable("the invocation's time for it was spent", cause);
}

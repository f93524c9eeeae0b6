import { Deferred } from '../failures/errors.ts';

/** The store cannot be reached, or the invocation's time for stores is over. */
export class LedgerUnavailable extends Deferred {
  override readonly name = 'LedgerUnavailable';
}

/** The job is not at fault. It comes back when the store can be reached. */
export function ledgerUnavailable(message: string, cause?: unknown): LedgerUnavailable {
  return new LedgerUnavailable(`the results table cannot be used: ${message}`, { cause });
}

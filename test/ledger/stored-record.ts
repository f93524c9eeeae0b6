import type { StoredRecord } from '../../src/ledger/record.ts';

/** What a record says that no run has failed of, nor was killed in. */
export const UNTROUBLED = {
  messageId: '',
  runs: 0,
  receives: 0,
  aloneRuns: 0,
  version: [],
} satisfies Partial<StoredRecord>;

import type { BatchStatementError } from '@aws-sdk/client-dynamodb';
import { Deferred, PermanentError } from '../errors.ts';

/** What became of one statement of a request that was answered. */
export type StatementOutcome = 'written' | 'exists' | 'conditionFailed' | 'again' | Error;

/** Per-statement codes [API_BatchStatementError] that pass by themselves. */
const PASSING = new Set([
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'TransactionConflict',
  'InternalServerError',
]);

/** DynamoDB names one statement's error in an answer that is HTTP 200 as a whole. */
export function statementOutcome(error: BatchStatementError | undefined): StatementOutcome {
  if (!error) return 'written';
  const { Code = 'unknown', Message = '' } = error;
  if (Code === 'DuplicateItem') return 'exists';
  if (Code === 'ConditionalCheckFailed') return 'conditionFailed';
  if (PASSING.has(Code)) return 'again';
  if (Code === 'ValidationError' || Code === 'ItemCollectionSizeLimitExceeded') return refusedBy(Message);
  return ledgerUnavailable(`DynamoDB answered ${Code}: ${Message}`);
}

/** What became of a whole request that failed. `refused` must be sent one by one, to find the one that is at fault. */
export function requestOutcome(error: unknown): 'again' | 'refused' | LedgerUnavailable {
  if (!(error instanceof Error)) return 'again';
  const { name, message } = error;
  if (name === 'ValidationException') return 'refused';
  const fault = '$fault' in error ? error.$fault : 'server';
  const passes = fault !== 'client' || '$retryable' in error || /Throttl|LimitExceeded|ThroughputExceeded/.test(name);
  return passes ? 'again' : ledgerUnavailable(`${name}: ${message}`, error);
}

/** The statement itself is at fault: its values are what DynamoDB does not take. */
export function refusedBy(message: string): PermanentError {
  return new PermanentError(`DynamoDB refuses the record: ${message}`);
}

/** Not the job's fault: it comes back when the table can be reached. */
export function ledgerUnavailable(message: string, cause?: unknown): LedgerUnavailable {
  return new LedgerUnavailable(`the results table cannot be used: ${message}`, { cause });
}

/** The table or its API is out of reach, or the invocation's time for stores is over. */
export class LedgerUnavailable extends Deferred {
  override readonly name = 'LedgerUnavailable';
}

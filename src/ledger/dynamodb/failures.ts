import type { BatchStatementError } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../failures/errors.ts';
import { type LedgerUnavailable, ledgerUnavailable } from '../unavailable.ts';

/** What DynamoDB answered to one statement, or what follows from a request that failed. */
export type StatementAnswer = 'written' | 'exists' | 'conditionFailed' | 'again' | Error;

/** Per-statement codes [API_BatchStatementError] that pass by themselves. */
const PASSING = new Set([
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'TransactionConflict',
  'InternalServerError',
]);

/** DynamoDB names one statement's error in an answer that is HTTP 200 as a whole. */
export function statementAnswer(error: BatchStatementError | undefined): StatementAnswer {
  if (!error) return 'written';
  const { Code = 'unknown', Message = '' } = error;
  if (Code === 'DuplicateItem') return 'exists';
  if (Code === 'ConditionalCheckFailed') return 'conditionFailed';
  if (PASSING.has(Code)) return 'again';
  if (Code === 'ValidationError' || Code === 'ItemCollectionSizeLimitExceeded') return refusedBy(Message);
  return ledgerUnavailable(`DynamoDB answered ${Code}: ${Message}`);
}

/** Refusals that no single statement can cause [DynamoDB, Error handling; Common errors]. */
const OF_THE_WHOLE =
  /^(ResourceNotFound|AccessDenied|UnrecognizedClient|IncompleteSignature|InvalidSignature|MissingAuthenticationToken|ExpiredToken|UnknownOperation|InvalidAction|NotAuthorized|OptInRequired|KMS)/;

/** Refusals that a statement's own values cause, whatever else the request holds. */
const OF_ITS_VALUES = new Set([
  'ValidationException',
  'SerializationException',
  'ItemCollectionSizeLimitExceededException',
  'RequestEntityTooLargeException',
]);
const TOO_LARGE = 413;

/**
 * What became of a whole request that failed. `refused` may be one statement's fault: the request must be taken apart to find
 * the one.
 */
export function failedRequestAnswer(error: unknown): 'again' | 'refused' | LedgerUnavailable {
  if (!(error instanceof Error)) return 'again';
  const { name, message } = error;
  if (isOfItsValues(error)) return 'refused';
  // By the status: the SDK does not say whose fault an error is that it does not know.
  const status = statusOf(error);
  const isRefusal = status >= 400 && status < 500 && status !== 429;
  const passes = !isRefusal || retryable(error) || /Throttl|LimitExceeded|ThroughputExceeded/.test(name);
  if (passes) return 'again';
  return OF_THE_WHOLE.test(name) ? ledgerUnavailable(`${name}: ${message}`, error) : 'refused';
}

/** A request of one statement was refused: for good where its values are named, else it may pass later. */
export function refusalOfOne(error: Error): PermanentError | LedgerUnavailable {
  return isOfItsValues(error)
    ? refusedBy(error.message)
    : ledgerUnavailable(`it refuses a record: ${error.name}: ${error.message}`, error);
}

function isOfItsValues(error: Error): boolean {
  return OF_ITS_VALUES.has(error.name) || statusOf(error) === TOO_LARGE;
}

/** 0 where there was no answer. */
function statusOf(error: Error): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

function retryable(error: Error): boolean {
  return (error as { $retryable?: object }).$retryable !== undefined;
}

/** The statement itself is at fault: its values are what DynamoDB does not take. */
function refusedBy(message: string): PermanentError {
  return new PermanentError(`DynamoDB refuses the record: ${message}`);
}

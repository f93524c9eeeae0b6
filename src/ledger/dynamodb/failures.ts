import type { BatchStatementError } from '@aws-sdk/client-dynamodb';
import { isAws } from '../../failures/aws-errors.ts';
import { PermanentError } from '../../failures/errors.ts';
import { type LedgerUnavailable, ledgerUnavailable } from '../unavailable.ts';

/**
 * DynamoDB's answer to one statement, or what follows for it from a request that failed: whether it was written (false where the
 * key existed or a condition failed), `again` to try it again, or why it cannot be written.
 */
export type StatementAnswer = boolean | 'again' | Error;

/** The place is taken, or the record is no longer as it was read. */
const NOT_WRITTEN = new Set(['DuplicateItem', 'ConditionalCheckFailed']);

/** DynamoDB reports the error of one statement inside an answer that is HTTP 200 as a whole. */
export function statementAnswer(error: BatchStatementError | undefined): StatementAnswer {
  if (!error) return true;
  const { Code = 'unknown', Message = '' } = error;
  if (NOT_WRITTEN.has(Code)) return false;
  if (isAws(Code, 'contents')) return refusedBy(Message);
  if (isAws(Code, 'passing')) return 'again';
  return ledgerUnavailable(`DynamoDB answered ${Code}: ${Message}`);
}

/** Errors of a whole request that no single statement can cause [DynamoDB, Error handling; Common errors]. */
const OF_THE_WHOLE = ['missing', 'denied', 'credentials', 'unknownCall', 'encryption'] as const;

const TOO_LARGE = 413;

/**
 * What follows from a request that failed as a whole. `refused` may be the fault of one statement. The request must
 * then be split to find it.
 */
export function failedRequestAnswer(error: unknown): 'again' | 'refused' | LedgerUnavailable {
  if (!(error instanceof Error)) return 'again';
  const { name, message } = error;
  if (isOfItsValues(error)) return 'refused';
  // The status decides, because the SDK does not say whose fault an error is that it does not know.
  const status = statusOf(error);
  const isRefusal = status >= 400 && status < 500 && status !== 429;
  const passes = !isRefusal || retryable(error) || isAws(name, 'throttled');
  if (passes) return 'again';
  return isAws(name, ...OF_THE_WHOLE) ? ledgerUnavailable(`${name}: ${message}`, error) : 'refused';
}

/**
 * The answer where a request of one statement was refused. It is permanent where the error names the values; else it
 * may pass later.
 */
export function refusalOfOne(error: Error): PermanentError | LedgerUnavailable {
  return isOfItsValues(error)
    ? refusedBy(error.message)
    : ledgerUnavailable(`it refuses a record: ${error.name}: ${error.message}`, error);
}

function isOfItsValues(error: Error): boolean {
  return isAws(error.name, 'contents') || statusOf(error) === TOO_LARGE;
}

/** 0 where there was no answer. */
function statusOf(error: Error): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

function retryable(error: Error): boolean {
  return (error as { $retryable?: object }).$retryable !== undefined;
}

/** The statement itself is at fault: DynamoDB does not take its values. */
function refusedBy(message: string): PermanentError {
  return new PermanentError(`DynamoDB refuses the record: ${message}`);
}

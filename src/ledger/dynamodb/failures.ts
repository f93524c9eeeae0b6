import type { BatchStatementError } from '@aws-sdk/client-dynamodb';
import { isAws } from '../../failures/aws-errors.ts';
import { PermanentError } from '../../failures/errors.ts';
import { type LedgerUnavailable, ledgerUnavailable } from '../unavailable.ts';

/** Whether a statement was written (its key existed, or its condition failed), or is to be tried again, or why it cannot be. */
export type StatementAnswer = boolean | 'again' | Error;

/** The place is taken, or no longer as it was read. */
const NOT_WRITTEN = new Set(['DuplicateItem', 'ConditionalCheckFailed']);

/** DynamoDB names one statement's error in an answer that is HTTP 200 as a whole. */
export function statementAnswer(error: BatchStatementError | undefined): StatementAnswer {
  if (!error) return true;
  const { Code = 'unknown', Message = '' } = error;
  if (NOT_WRITTEN.has(Code)) return false;
  if (isAws(Code, 'contents')) return refusedBy(Message);
  if (isAws(Code, 'passing')) return 'again';
  return ledgerUnavailable(`DynamoDB answered ${Code}: ${Message}`);
}

/** Refusals that no single statement can cause [DynamoDB, Error handling; Common errors]. */
const OF_THE_WHOLE = ['missing', 'denied', 'credentials', 'unknownCall', 'encryption'] as const;

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
  const passes = !isRefusal || retryable(error) || isAws(name, 'throttled');
  if (passes) return 'again';
  return isAws(name, ...OF_THE_WHOLE) ? ledgerUnavailable(`${name}: ${message}`, error) : 'refused';
}

/** A request of one statement was refused: for good where its values are named, else it may pass later. */
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

/** The statement itself is at fault: its values are what DynamoDB does not take. */
function refusedBy(message: string): PermanentError {
  return new PermanentError(`DynamoDB refuses the record: ${message}`);
}

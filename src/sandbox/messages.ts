import type { Context } from 'aws-lambda';
import { classify } from '../failures/classify.ts';
import { Deferred, PermanentError, TransientError } from '../failures/errors.ts';
import type { Failure } from '../failures/failure.ts';
import type { Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';

/** The fields of Lambda's context. Its functions are left out, because they cannot be sent. */
export type LambdaFields = Pick<Context, (typeof SENT)[number]>;

const SENT = [
  'callbackWaitsForEmptyEventLoop',
  'functionName',
  'functionVersion',
  'invokedFunctionArn',
  'memoryLimitInMB',
  'awsRequestId',
  'logGroupName',
  'logStreamName',
  'identity',
  'clientContext',
] as const;

export function fieldsOf(context: Context): LambdaFields {
  return Object.fromEntries(SENT.map((name) => [name, context[name]])) as unknown as LambdaFields;
}

/** A Lambda context from these fields. Its type has three callbacks that Node.js 24 no longer has. */
export function contextOf(fields: LambdaFields, remainingMs: number): Context {
  const end = performance.now() + remainingMs;
  return { ...fields, getRemainingTimeInMillis: () => Math.max(0, end - performance.now()) } as Context;
}

/** To the child process. */
export type Order =
  | {
      readonly kind: 'run';
      readonly type: string;
      readonly job: RawJob;
      readonly attempt: number;
      readonly fencingToken: number;
      readonly slot: number;
      /** The fields of Lambda's context. */
      readonly lambda: LambdaFields;
      /** Milliseconds left of the invocation. */
      readonly remainingMs: number;
    }
  | { readonly kind: 'abort'; readonly reason: string }
  | { readonly kind: 'ping' };

/** From the child process. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  /** The error that is about to end the process. */
  | { readonly kind: 'lastWords'; readonly error: string }
  | { readonly kind: 'result'; readonly result: Json }
  | { readonly kind: 'failure'; readonly failure: Failure }
  | { readonly kind: 'deferred'; readonly message: string; readonly afterMs: number | undefined };

/**
 * The answer for an error that a handler threw. Errors lose their class between processes, so their meaning is sent.
 */
export function answerTo(error: unknown): Answer {
  if (error instanceof Deferred) return { kind: 'deferred', message: error.message, afterMs: error.afterMs };
  return { kind: 'failure', failure: classify(error, Date.now()) };
}

/** An error that means here what the handler's error meant in the child process. */
export function errorOf(answer: Extract<Answer, { kind: 'failure' | 'deferred' }>): Error {
  if (answer.kind === 'deferred') {
    return new Deferred(answer.message, answer.afterMs === undefined ? {} : { afterMs: answer.afterMs });
  }
  const { kind, errorClass, message, retryAfterMs } = answer.failure;
  const error = kind === 'permanent' ? new PermanentError(message) : new TransientError(message, { retryAfterMs });
  return Object.defineProperty(error, 'name', { value: errorClass });
}

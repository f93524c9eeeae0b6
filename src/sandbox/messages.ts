import { classify, type Failure } from '../failures/classify.ts';
import { Deferred, PermanentError, TransientError } from '../failures/errors.ts';
import type { Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';

/** To the child process. */
export type Order =
  | {
      readonly kind: 'run';
      readonly type: string;
      readonly job: RawJob;
      readonly attempt: number;
      readonly fencingToken: number;
      readonly slot: number;
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

/** What a handler threw: errors lose their class between processes, so what they mean is said. */
export function answerTo(error: unknown): Answer {
  if (error instanceof Deferred) return { kind: 'deferred', message: error.message, afterMs: error.afterMs };
  return { kind: 'failure', failure: classify(error, Date.now()) };
}

/** An error that means here what the handler's meant there. */
export function errorOf(answer: Extract<Answer, { kind: 'failure' | 'deferred' }>): Error {
  if (answer.kind === 'deferred') {
    return new Deferred(answer.message, answer.afterMs === undefined ? {} : { afterMs: answer.afterMs });
  }
  const { kind, errorClass, message, retryAfterMs } = answer.failure;
  const error = kind === 'permanent' ? new PermanentError(message) : new TransientError(message, { retryAfterMs });
  return Object.defineProperty(error, 'name', { value: errorClass });
}

/** How a job type is retried. */
export interface RetryPolicy {
  /** Upper bound of the first delay, in milliseconds. */
  readonly baseMs: number;
  /** Upper bound of every delay, in milliseconds. */
  readonly capMs: number;
  /** After this many runs a job that still fails is dead-lettered. The queue's `maxReceiveCount` limits it further. */
  readonly attempts: number;
  /** The longest wait that a `Retry-After` may ask for, in milliseconds; 15 minutes by default. */
  readonly retryAfterCapMs?: number;
}

/** A receiver that asks for hours may be faulty or hostile. The job is tried again sooner. */
export const RETRY_AFTER_CAP_MS = 900_000;

/**
 * The longest visibility timeout that a worker may set, in seconds. SQS allows 12 hours, counted from the receive. The
 * longest Lambda invocation, 15 minutes, may have passed since then.
 */
export const MAX_VISIBILITY_SECONDS = 43_200 - 900;

/**
 * Exponential back-off with full jitter: uniform between 0 and `min(capMs, baseMs * 2^(attempt - 1))`.
 *
 * @param attempt 1 for the first failure
 * @param random  a number in [0, 1)
 * @returns milliseconds
 */
export function backoff(
  attempt: number,
  { baseMs, capMs }: Pick<RetryPolicy, 'baseMs' | 'capMs'>,
  random: number,
): number {
  return random * Math.min(capMs, baseMs * 2 ** Math.max(0, attempt - 1));
}

/** Milliseconds as a visibility timeout: whole seconds, rounded up, from 0 to `MAX_VISIBILITY_SECONDS`. */
export function visibilitySeconds(ms: number): number {
  return Math.min(MAX_VISIBILITY_SECONDS, Math.max(0, Math.ceil(ms / 1000)));
}

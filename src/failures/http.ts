import type { Meaning } from './failure.ts';

/** HTTP statuses that pass by themselves: request time-out (408), too early (425), rate limit (429). */
const PASSING_STATUSES = new Set([408, 425, 429]);

/** Characters of a `Retry-After` that is read. An HTTP date has 29. */
const MAX_RETRY_AFTER = 64;

/** What an HTTP status means: 408, 425, 429 and 5xx are transient, every other status from 300 on is permanent. */
export function httpKind(status: number, retryAfterMs?: number): Meaning {
  if (status >= 500 || PASSING_STATUSES.has(status)) return { kind: 'transient', retryAfterMs };
  return { kind: 'permanent' };
}

/** Whether a value is an HTTP status that is no success: 300 to 599. */
export function isStatus(value: unknown): value is number {
  return typeof value === 'number' && value >= 300 && value <= 599;
}

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date.
 *
 * @returns milliseconds from `now`, at least 0; undefined when there is none or it cannot be read
 */
export function parseRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.length > MAX_RETRY_AFTER || header.trim() === '') return undefined;
  return wait(/^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now);
}

/** A time to wait, in milliseconds. It may not be a valid number, because a handler may have computed it. */
export function wait(ms: unknown): number | undefined {
  return typeof ms === 'number' && Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

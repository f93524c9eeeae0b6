import { hash } from 'node:crypto';
import { PermanentError, TransientError } from './errors.ts';

/** What an error means for the job that threw it. */
export interface Failure {
  readonly kind: 'transient' | 'permanent';
  /** The error's class, such as `TransientError` or `ThrottlingException`. */
  readonly errorClass: string;
  readonly message: string;
  /** Milliseconds that the other side asked us to wait, where it did. */
  readonly retryAfterMs?: number | undefined;
}

type Fields = Record<string, unknown>;
type Kind = Pick<Failure, 'kind' | 'retryAfterMs'>;

const TRANSIENT: Kind = { kind: 'transient' };
const PERMANENT: Kind = { kind: 'permanent' };

/** Client-fault errors of AWS services that pass by themselves: throttles, expired credentials, clock skew. */
const PASSING_AWS_ERRORS =
  /Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown|RequestTimeout|ExpiredToken|TimeTooSkewed|Conflict|InProgress/;

/** Statuses that say "later": request time-out (408), too early (425), rate limit (429). */
const PASSING_STATUSES = new Set([408, 425, 429]);

/** Causes that are followed: an error may be its own. */
const MAX_CAUSES = 5;

/** Errors of Node's own that no repetition mends. */
const LASTING_CODES = new Set([
  'ERR_INVALID_URL',
  'ERR_INVALID_PROTOCOL',
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_INVALID_CHAR',
]);

/**
 * Says whether an error is worth a retry. Pure, and total: whatever was thrown gets an answer, and what is not known is
 * transient.
 *
 * @param now milliseconds since the epoch; `Retry-After` dates count from it
 */
export function classify(error: unknown, now: number): Failure {
  const described = describe(error);
  for (let cause = error, depth = 0; isFields(cause) && depth < MAX_CAUSES; cause = cause.cause, depth++) {
    const kind = kindOf(cause, now);
    if (kind) return { ...described, ...kind };
  }
  return { ...described, ...TRANSIENT };
}

function kindOf(error: Fields, now: number): Kind | undefined {
  if (error instanceof TransientError) return { kind: 'transient', retryAfterMs: error.retryAfterMs };
  if (error instanceof PermanentError) return PERMANENT;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return TRANSIENT;
  if (isFields(error.$metadata)) return awsKind(error, error.$metadata, now);
  const status = [error.status, error.statusCode, isFields(error.response) && error.response.status].find(isStatus);
  if (status !== undefined) return httpKind(status, retryAfterOf(error, now));
  if (typeof error.code === 'string') {
    if (LASTING_CODES.has(error.code)) return PERMANENT;
    if (/^(E[A-Z_]+|UND_ERR_\w+)$/.test(error.code) && !error.code.startsWith('ERR_')) return TRANSIENT;
  }
  return undefined;
}

/** What an HTTP status means: 408, 425, 429 and 5xx pass, every other status from 300 on lasts. */
export function httpKind(status: number, retryAfterMs?: number): Kind {
  if (status >= 500 || PASSING_STATUSES.has(status)) return { kind: 'transient', retryAfterMs };
  return PERMANENT;
}

function awsKind(error: Fields, metadata: Fields, now: number): Kind {
  const status = metadata.httpStatusCode;
  const passes =
    error.$retryable !== undefined ||
    error.$fault !== 'client' ||
    PASSING_AWS_ERRORS.test(String(error.name)) ||
    (isStatus(status) && httpKind(status).kind === 'transient');
  return passes ? { kind: 'transient', retryAfterMs: retryAfterOf(error, now) } : PERMANENT;
}

/**
 * Reads a `Retry-After` header: seconds, or an HTTP date.
 *
 * @returns milliseconds from `now`, at least 0; undefined when there is none or it cannot be read
 */
export function parseRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function retryAfterOf(error: Fields, now: number): number | undefined {
  const response = isFields(error.$response) ? error.$response : error.response;
  const headers = isFields(response) ? response.headers : error.headers;
  if (headers instanceof Headers) return parseRetryAfter(headers.get('retry-after'), now);
  return isFields(headers) ? parseRetryAfter(headers['retry-after'], now) : undefined;
}

/**
 * A short name for "the same error again", for grouping dead letters: equal for errors of one class whose messages
 * differ only in numbers, ids or quoted values; an HTTP status is part of the error. 12 characters.
 */
export function errorFingerprint({ errorClass, message }: Pick<Failure, 'errorClass' | 'message'>): string {
  const shape = message
    .replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '?')
    .replaceAll(/(\b(?:answered|status|HTTP) [1-5]\d\d\b)|\b[\w-]*\d[\w-]*\b/gi, (_all, status) => status ?? '#')
    .slice(0, 200);
  return hash('sha256', `${errorClass}\n${shape}`, 'base64url').slice(0, 12);
}

function describe(error: unknown): { errorClass: string; message: string } {
  if (error instanceof Error) return { errorClass: error.name || error.constructor.name, message: messageOf(error) };
  return { errorClass: 'NonError', message: `a handler threw ${typeof error}: ${String(error).slice(0, 500)}` };
}

/** The message with those of its causes, which often hold the reason ("fetch failed" does not). */
function messageOf(error: Error): string {
  const messages = new Set<string>();
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_CAUSES; depth++, cause = cause.cause) {
    const { message } = cause;
    if (message && ![...messages].some((said) => said.includes(message))) messages.add(message);
  }
  return [...messages].join(': ') || error.name;
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && value >= 300 && value <= 599;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

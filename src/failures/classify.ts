import { hash } from 'node:crypto';
import { isAws } from './aws-errors.ts';
import { PermanentError, TransientError } from './errors.ts';
import { legible } from './foreign-text.ts';

/** What an error means for the job that threw it. */
export interface Failure {
  readonly kind: 'transient' | 'permanent';
  /** The error's class, such as `TransientError` or `ThrottlingException`; at most 100 characters. */
  readonly errorClass: string;
  /** At most 1,000 characters, see `legible`. */
  readonly message: string;
  /** Milliseconds that the other side asked us to wait; finite, at least 0. Undefined where it did not ask. */
  readonly retryAfterMs?: number | undefined;
}

type Fields = Record<string, unknown>;
type Kind = Pick<Failure, 'kind' | 'retryAfterMs'>;

const TRANSIENT: Kind = { kind: 'transient' };
const PERMANENT: Kind = { kind: 'permanent' };

/** HTTP statuses that pass by themselves: request time-out (408), too early (425), rate limit (429). */
const PASSING_STATUSES = new Set([408, 425, 429]);

/** Characters of a `Retry-After` that is read. An HTTP date has 29. */
const MAX_RETRY_AFTER = 64;

/** How many causes are followed. There is a limit because an error may be its own cause. */
const MAX_CAUSES = 5;

/** The most characters of a failure's message and class. Both go into logs and into the dead letter's reason. */
export const MAX_MESSAGE = 1_000;
const MAX_CLASS = 100;

/** Error codes of Node and undici, such as ECONNRESET and UND_ERR_SOCKET. */
const NODE_CODE = /^(E[A-Z_]+|UND_ERR_\w+)$/;

/** Node's own errors that a retry cannot mend. */
const LASTING_CODES = new Set([
  'ERR_INVALID_URL',
  'ERR_INVALID_PROTOCOL',
  'ERR_UNESCAPED_CHARACTERS',
  'ERR_INVALID_CHAR',
]);

/**
 * Says whether an error is worth a retry. Pure. It never throws: it returns a failure for any thrown value, and a value
 * that it does not know is transient. Any value can be thrown, even one whose properties throw when they are read.
 *
 * @param now milliseconds since the epoch; `Retry-After` dates are compared with it
 */
export function classify(error: unknown, now: number): Failure {
  const described = describe(error);
  for (let cause = error, depth = 0; isFields(cause) && depth < MAX_CAUSES; cause = field(cause, 'cause'), depth++) {
    const fields = cause;
    const kind = attempt(() => kindOf(fields, now));
    if (kind) return { ...described, ...kind };
  }
  return { ...described, ...TRANSIENT };
}

/** `instanceof` for a thrown value. A Proxy may throw there; then the answer is false. */
export function isA<Class>(error: unknown, type: abstract new (...args: never[]) => Class): error is Class {
  return attempt(() => error instanceof type) ?? false;
}

function kindOf(error: Fields, now: number): Kind | undefined {
  if (error instanceof TransientError) return { kind: 'transient', retryAfterMs: wait(error.retryAfterMs) };
  if (error instanceof PermanentError) return PERMANENT;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return TRANSIENT;
  if (isFields(error.$metadata)) return awsKind(error, error.$metadata, now);
  const status = [error.status, error.statusCode, isFields(error.response) && error.response.status].find(isStatus);
  if (status !== undefined) return httpKind(status, retryAfterOf(error, now));
  const { code } = error;
  if (typeof code === 'string') {
    if (LASTING_CODES.has(code)) return PERMANENT;
    if (NODE_CODE.test(code.slice(0, MAX_CLASS)) && !code.startsWith('ERR_')) return TRANSIENT;
  }
  return undefined;
}

/** What an HTTP status means: 408, 425, 429 and 5xx are transient, every other status from 300 on is permanent. */
export function httpKind(status: number, retryAfterMs?: number): Kind {
  if (status >= 500 || PASSING_STATUSES.has(status)) return { kind: 'transient', retryAfterMs };
  return PERMANENT;
}

function awsKind(error: Fields, metadata: Fields, now: number): Kind {
  const status = metadata.httpStatusCode;
  const passes =
    error.$retryable !== undefined ||
    error.$fault !== 'client' ||
    (typeof error.name === 'string' && isAws(error.name.slice(0, MAX_CLASS), 'passing')) ||
    (isStatus(status) && httpKind(status).kind === 'transient');
  return passes ? { kind: 'transient', retryAfterMs: retryAfterOf(error, now) } : PERMANENT;
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

/** A time to wait. It may not be a valid number, because a handler may have computed it. */
function wait(ms: unknown): number | undefined {
  return typeof ms === 'number' && Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

function retryAfterOf(error: Fields, now: number): number | undefined {
  const response = isFields(error.$response) ? error.$response : error.response;
  const headers = isFields(response) ? response.headers : error.headers;
  if (headers instanceof Headers) return parseRetryAfter(headers.get('retry-after'), now);
  return isFields(headers) ? parseRetryAfter(headers['retry-after'], now) : undefined;
}

/** Characters of a message that a fingerprint reads, and those that it keeps after ids and values are taken out. */
const MAX_LOOKED_AT = 2_000;
const MAX_SHAPE = 200;

/** Each quantifier ends where the next begins. So no text makes these patterns read the same characters twice. */
const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`/g;
const STATUS_OR_WORD = /\b(?:answered|status|HTTP) [1-5]\d\d\b|\w+(?:-+\w+)*/gi;

/**
 * A short name, of 12 characters, to group dead letters with the same error. It is equal for errors of one class whose
 * messages differ only in numbers, ids or quoted values. An HTTP status is part of the error. It reads only the first
 * 2,000 characters, each of them once.
 */
export function errorFingerprint({ errorClass, message }: Pick<Failure, 'errorClass' | 'message'>): string {
  const shape = message
    .slice(0, MAX_LOOKED_AT)
    .replaceAll(QUOTED, '?')
    .replaceAll(STATUS_OR_WORD, (words) => (words.includes(' ') || !/\d/.test(words) ? words : '#'))
    .slice(0, MAX_SHAPE);
  return hash('sha256', `${errorClass.slice(0, MAX_CLASS)}\n${shape}`, 'base64url').slice(0, 12);
}

function describe(error: unknown): { errorClass: string; message: string } {
  if (!isA(error, Error)) {
    const text = attempt(() => String(error)) ?? 'it cannot be shown';
    return { errorClass: 'NonError', message: legible(`a handler threw ${typeof error}: ${text}`, MAX_MESSAGE) };
  }
  const name = textField(error, 'name') || textField(field(error, 'constructor'), 'name') || 'Error';
  return {
    errorClass: legible(name, MAX_CLASS).replaceAll(/\s+/g, ' '),
    message: legible(messageOf(error) || name, MAX_MESSAGE),
  };
}

/** The error's message and those of its causes. The causes often hold the reason; "fetch failed" does not. */
function messageOf(error: Error): string {
  const messages = new Set<string>();
  let cause: unknown = error;
  for (let depth = 0; isA(cause, Error) && depth < MAX_CAUSES; depth++, cause = field(cause, 'cause')) {
    const message = legible(textField(cause, 'message'), MAX_MESSAGE);
    if (message && ![...messages].some((said) => said.includes(message))) messages.add(message);
  }
  return [...messages].join(': ');
}

/** A property of a thrown value; undefined where reading it throws. */
function field(value: unknown, name: string): unknown {
  return attempt(() => (value as Fields)[name]);
}

function textField(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === 'string' ? text : '';
}

function attempt<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && value >= 300 && value <= 599;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

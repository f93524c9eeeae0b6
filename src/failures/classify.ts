import { isAws } from './aws-errors.ts';
import { describe } from './describe.ts';
import { PermanentError, TransientError } from './errors.ts';
import { type Failure, MAX_CAUSES, MAX_CLASS, type Meaning } from './failure.ts';
import { httpKind, isStatus, parseRetryAfter, wait } from './http.ts';
import { attempt, type Fields, field, isFields } from './thrown.ts';

const TRANSIENT: Meaning = { kind: 'transient' };
const PERMANENT: Meaning = { kind: 'permanent' };

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

function kindOf(error: Fields, now: number): Meaning | undefined {
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

function awsKind(error: Fields, metadata: Fields, now: number): Meaning {
  const status = metadata.httpStatusCode;
  const passes =
    error.$retryable !== undefined ||
    error.$fault !== 'client' ||
    (typeof error.name === 'string' && isAws(error.name.slice(0, MAX_CLASS), 'passing')) ||
    (isStatus(status) && httpKind(status).kind === 'transient');
  return passes ? { kind: 'transient', retryAfterMs: retryAfterOf(error, now) } : PERMANENT;
}

function retryAfterOf(error: Fields, now: number): number | undefined {
  const response = isFields(error.$response) ? error.$response : error.response;
  const headers = isFields(response) ? response.headers : error.headers;
  if (headers instanceof Headers) return parseRetryAfter(headers.get('retry-after'), now);
  return isFields(headers) ? parseRetryAfter(headers['retry-after'], now) : undefined;
}

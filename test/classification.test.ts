import { ThrottlingException } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { classify, errorFingerprint, parseRetryAfter } from '../src/classification.ts';
import { InvalidJob, PayloadConflict, PermanentError, TransientError } from '../src/errors.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function coded(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code });
}

function aws(name: string, extra: object): Error {
  return Object.assign(new Error(name), { name, $metadata: {}, $fault: 'client', ...extra });
}

describe('classify', () => {
  test.each<[string, unknown]>([
    ['a TransientError', new TransientError('later')],
    ['a subclass of TransientError', new (class Busy extends TransientError {})('busy')],
    ['an unknown error', new Error('who knows')],
    ['a TypeError of a handler', new TypeError('x is not a function')],
    ['a thrown string', 'oops'],
    ['undefined', undefined],
    ['null', null],
    ['an abort', new DOMException('aborted', 'AbortError')],
    ['a time-out of AbortSignal.timeout', new DOMException('timed out', 'TimeoutError')],
    ...[
      'ECONNRESET',
      'ECONNREFUSED',
      'ETIMEDOUT',
      'EPIPE',
      'ENOTFOUND',
      'EAI_AGAIN',
      'EHOSTUNREACH',
      'ENETUNREACH',
    ].map((code): [string, unknown] => [`node's ${code}`, coded(code)]),
    ...['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_SOCKET'].map(
      (code): [string, unknown] => [`undici's ${code}`, coded(code)],
    ),
    ['a failed fetch, by its cause', new TypeError('fetch failed', { cause: coded('ECONNREFUSED') })],
    ...[408, 425, 429, 500, 502, 503, 504, 599].map((status): [string, unknown] => [`HTTP ${status}`, { status }]),
    ['HTTP 503 of a response object', Object.assign(new Error('bad'), { response: { status: 503 } })],
    ['an AWS throttle', new ThrottlingException({ message: 'slow', $metadata: {} })],
    ['an AWS error that says it is retryable', aws('Odd', { $retryable: {} })],
    ['an AWS server fault', aws('InternalServerError', { $fault: 'server' })],
    ['expired AWS credentials', aws('ExpiredTokenException', {})],
    ['an AWS throttle known by its name', aws('ProvisionedThroughputExceededException', {})],
    ['an AWS client fault with status 429', aws('Odd', { $metadata: { httpStatusCode: 429 } })],
  ])('%s is transient', (_name, error) => {
    expect(classify(error, NOW).kind).toBe('transient');
  });

  test.each<[string, unknown]>([
    ['a PermanentError', new PermanentError('never')],
    ['an InvalidJob', new InvalidJob('no JSON')],
    ['a PayloadConflict', new PayloadConflict('a', 'b', 'c')],
    ['a PermanentError that a library wrapped', new Error('outer', { cause: new PermanentError('inner') })],
    ['an invalid URL', coded('ERR_INVALID_URL')],
    ...[301, 400, 401, 403, 404, 405, 409, 410, 413, 422, 451].map((status): [string, unknown] => [
      `HTTP ${status}`,
      { statusCode: status },
    ]),
    ['an AWS access denial', aws('AccessDeniedException', {})],
    ['an AWS validation error', aws('ValidationException', { $metadata: { httpStatusCode: 400 } })],
  ])('%s is permanent', (_name, error) => {
    expect(classify(error, NOW).kind).toBe('permanent');
  });

  test('Retry-After is read from headers of any shape', () => {
    const error = (headers: unknown) => Object.assign(new Error('busy'), { status: 503, headers });
    expect(classify(error({ 'retry-after': '7' }), NOW).retryAfterMs).toBe(7_000);
    expect(classify(error(new Headers({ 'Retry-After': '7' })), NOW).retryAfterMs).toBe(7_000);
    expect(classify(error({}), NOW).retryAfterMs).toBeUndefined();
    const aws503 = aws('SlowDown', { $response: { headers: { 'retry-after': '2' } } });
    expect(classify(aws503, NOW).retryAfterMs).toBe(2_000);
  });

  test('the message tells the causes that the outer error hides', () => {
    const { errorClass, message } = classify(new TypeError('fetch failed', { cause: coded('ECONNREFUSED') }), NOW);
    expect({ errorClass, message }).toEqual({ errorClass: 'TypeError', message: 'fetch failed: connect ECONNREFUSED' });
  });

  test('whatever is thrown gets an answer, also errors that are their own cause', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(classify(loop, NOW).kind).toBe('transient');
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(['transient', 'permanent']).toContain(classify(thrown, NOW).kind);
      }),
    );
  });
});

describe('parseRetryAfter', () => {
  test.each<[unknown, number | undefined]>([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
    [42, undefined],
  ])('%j is %j ms', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });
});

describe('errorFingerprint', () => {
  const of = (message: string, errorClass = 'Error') => errorFingerprint({ errorClass, message });

  test('is one for errors that differ in ids, numbers and quoted values', () => {
    expect(of('order 17 of "ann" failed at 0xff1')).toBe(of('order 99123 of "bob" failed at 0xab2'));
    expect(of('job 5c1f-22aa is gone')).toBe(of('job 9d3e-77bb is gone'));
  });

  test('differs by HTTP status, not by what else is numbered', () => {
    expect(of('POST http://a/1 answered 404')).not.toBe(of('POST http://a/1 answered 400'));
    expect(of('POST http://a/1 answered 404')).toBe(of('POST http://a/2 answered 404'));
  });

  test('differs by class and by what went wrong', () => {
    expect(of('refused')).not.toBe(of('reset'));
    expect(of('refused')).not.toBe(of('refused', 'TypeError'));
  });
});

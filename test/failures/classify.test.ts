import { ThrottlingException } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { classify } from '../../src/failures/classify.ts';
import { InvalidJob, PayloadConflict, PermanentError, TransientError } from '../../src/failures/errors.ts';
import { errorFingerprint } from '../../src/failures/fingerprint.ts';
import { parseRetryAfter } from '../../src/failures/http.ts';
import { thrown } from '../thrown.ts';

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

  test.each<[string, unknown]>([
    ['an object without a prototype', Object.create(null)],
    ['an object whose toString is no function', { toString: 0 }],
    ['an Error whose message is a number', Object.assign(new Error('x'), { message: 7 })],
    ['an Error whose name is a symbol', Object.assign(new Error('x'), { name: Symbol('x') })],
    [
      'an Error whose message throws',
      Object.defineProperty(new Error('x'), 'message', {
        get() {
          throw new Error('not for you');
        },
      }),
    ],
    ['a revoked Proxy', revokedProxy()],
    ['a symbol', Symbol('x')],
    ['an AWS error whose name cannot be a text', { $metadata: {}, $fault: 'client', name: Object.create(null) }],
  ])('%s gets an answer', (_name, error) => {
    expect(classify(error, NOW)).toMatchObject({ errorClass: expect.any(String), message: expect.any(String) });
  });

  test('an error that is its own cause is unknown, so transient', () => {
    const loop = new Error('loop');
    loop.cause = loop;
    expect(classify(loop, NOW)).toMatchObject({ kind: 'transient', message: 'loop' });
  });

  test('whatever is thrown gets an answer that is bounded and well-formed', () => {
    const classes = [Error, TypeError, AggregateError as never, TransientError, PermanentError, InvalidJob];
    fc.assert(
      fc.property(thrown(classes), (make) => {
        const { kind, errorClass, message, retryAfterMs = 0 } = classify(make(), NOW);
        expect(['transient', 'permanent']).toContain(kind);
        expect([errorClass.isWellFormed(), message.isWellFormed()]).toEqual([true, true]);
        expect([errorClass.length > 0, errorClass.length <= 100, message.length <= 1_000]).toEqual([true, true, true]);
        expect([Number.isFinite(retryAfterMs), retryAfterMs >= 0]).toEqual([true, true]);
        expect(errorFingerprint({ errorClass, message })).toHaveLength(12);
      }),
      { numRuns: 2_000 },
    );
  });

  test('a Retry-After that a handler computed wrongly is none', () => {
    const after = (retryAfterMs: unknown) =>
      classify(new TransientError('x', { retryAfterMs: retryAfterMs as number }), NOW).retryAfterMs;
    expect([Number.NaN, Number.POSITIVE_INFINITY, '5', {}].map(after)).toEqual(Array(4).fill(undefined));
    expect([-5, 5].map(after)).toEqual([0, 5]);
  });

  test('a long message is cut, with its length said', () => {
    const { message } = classify(new Error('x'.repeat(540_000)), NOW);
    expect(message).toMatch(/^x+… \(540000 characters\)$/);
    expect(message).toHaveLength(1_000);
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
    [`${' '.repeat(70)}5`, undefined],
    ['9'.repeat(60), 9.999999999999999e62],
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

  // Dead letters of earlier versions are grouped with those of this one.
  test.each([
    ['order 17 of "ann" failed at 0xff1', 'J7-eZn3fWKNS'],
    ['POST http://a/1 answered 404', '-ba9iZoUF9YN'],
    ['connect ECONNREFUSED 127.0.0.1:80', 'cp0f_JrW8vP7'],
    ["The provided key can't be used -- 5-  x--9 -3 a_b-1", 'QQ2ZQKhGg5zb'],
    ['fetch failed: HTTP 503 and status 200x', 'EMaYy8nAHtJi'],
  ])('of %j is what it always was', (message, fingerprint) => {
    expect(of(message, 'E')).toBe(fingerprint);
  });

  test.each(['a-', '1-', '-', '"', "'", '`', 'a', '1', ' ', 'status ', 'HTTP 5', '\ud800', '"a-1', "'`"])(
    'of a long run of %j takes no time',
    (piece) => {
      const started = process.cpuUsage();
      for (const tail of ['', '"', ' ', '!', '-!'])
        of(`there is no job type "x" ${piece.repeat(1_048_576 / piece.length)}${tail}`);
      const { user, system } = process.cpuUsage(started);
      // Seconds of CPU, which other work on the machine does not lengthen much. It was minutes.
      expect((user + system) / 1e6).toBeLessThan(1);
    },
  );
});

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

import { DataError, UsageError } from '../../../operator/ending/exit.ts';
import { endingFor } from '../../../operator/stage/remedies.ts';

const error = (name: string, message = 'said so.', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const TARGET = { stage: 'prod', region: 'mars-1' };

test.each([
  [error('AccessDenied', 'not authorized to perform: cloudformation:ListStackResources.'), 'must allow it'],
  [error('AccessDeniedException'), 'these credentials may not do that: said so.'],
  [error('ExpiredTokenException'), 'Log in again, or pass another --profile'],
  [error('InvalidClientTokenId'), 'AWS does not accept these credentials: said so.'],
  [error('Error', 'getaddrinfo', { code: 'ENOTFOUND', hostname: 'sqs.mars-1.aws' }), 'is the region "mars-1" right'],
  [new AggregateError([error('Error', 'connect', { code: 'ECONNREFUSED' })]), 'nothing listens at http://x:1'],
  [error('Wrapped', 'x', { cause: error('Error', 'y', { code: 'ECONNREFUSED' }) }), 'nothing listens at http://x:1'],
  [error('TimeoutError'), 'http://x:1 does not answer'],
  [error('QueueDoesNotExist', 'No such queue.'), 'No such queue. Was it deleted by hand?'],
  [new UsageError('pass --queue'), 'pass --queue'],
])('%s ends with 2 and its remedy', (cause, remedy) => {
  const { message, code } = endingFor(cause, TARGET, 'http://x:1');
  expect(message).toContain(remedy);
  expect(message).not.toContain('    at ');
  expect(code).toBe(2);
});

test('what is wrong with the data ends with 1', () => {
  expect(endingFor(new DataError('no such letter'), TARGET)).toEqual({ message: 'no such letter', code: 1 });
});

test('an error without a remedy is told with its stack, and ends with 2', () => {
  const bug = new TypeError('x is not a function');
  expect(endingFor(bug, TARGET)).toEqual({ message: bug.stack, code: 2 });
});

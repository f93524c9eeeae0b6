import { type AwsProblem, isAws } from '../../src/failures/aws-errors.ts';

test.each<[string, AwsProblem[]]>([
  ['ThrottlingException', ['throttled', 'passing']],
  ['ThrottlingError', ['throttled', 'passing']],
  ['ProvisionedThroughputExceeded', ['throttled', 'passing']],
  ['RequestLimitExceeded', ['throttled', 'passing']],
  ['TransactionConflict', ['passing']],
  ['InternalServerError', ['passing']],
  ['ExpiredTokenException', ['passing', 'credentials']],
  ['ValidationException', ['contents']],
  ['InvalidMessageContents', ['contents']],
  ['AccessDeniedException', ['denied']],
  ['ResourceNotFoundException', ['missing']],
  ['QueueDoesNotExist', ['missing']],
  ['KMSDisabledException', ['encryption']],
  ['AWS.SimpleQueueService.UnsupportedOperation', ['unknownCall']],
  ['ConditionalCheckFailed', []],
])('%s means %j', (name, meant) => {
  const all = [
    'throttled',
    'passing',
    'contents',
    'credentials',
    'denied',
    'missing',
    'encryption',
    'unknownCall',
  ] as const;
  expect(all.filter((problem) => isAws(name, problem))).toEqual(meant);
});

test('an item collection that is full is the statement’s own fault, although its name speaks of a limit', () => {
  expect(isAws('ItemCollectionSizeLimitExceeded', 'contents')).toBe(true);
});

import { createHandler } from '../../src/chains/batch.ts';
import { EnvironmentReader } from '../../src/env.ts';
import type { AnyJobType } from '../../src/job.ts';
import triple from '../../src/jobs/triple.ts';

const COMPLETE = {
  STAGE: 'test',
  TABLE_NAME: 'results',
  QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/jobs',
  DLQ_URL: 'https://sqs.us-east-1.amazonaws.com/1/jobs-dlq',
};

const make = (variables: Record<string, string>, jobs: Record<string, AnyJobType> = { triple }) =>
  createHandler({ jobs, variables: new EnvironmentReader(variables) });

test('a complete environment makes a handler', () => {
  expect(make({ ...COMPLETE, DEFAULT_TYPE: 'triple' })).toEqual(expect.any(Function));
});

test.each<[string, () => unknown, RegExp]>([
  ['no job types', () => make(COMPLETE, {}), /createHandler was given no job types: pass them as \{ jobs \}/],
  [
    'a name that no message can say',
    () => make(COMPLETE, { 'a b': triple }),
    /the job type "a b", and a name is 1 to 64/,
  ],
  [
    'a namespace that a key would not show the end of',
    () => make(COMPLETE, { triple: { ...triple, namespace: 'a:b' } }),
    /the job type "triple" has the namespace "a:b", and one is 1 to 64/,
  ],
  [
    'a type that hands over, where there is no next queue',
    () => make(COMPLETE, { triple: { ...triple, handOver: () => 1 } }),
    /NEXT_QUEUE_URL is not set, and the job type "triple" has a handOver: name the next queue as "next" where/,
  ],
  [
    'a next queue to which no type hands over',
    () => make({ ...COMPLETE, NEXT_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/next' }),
    /NEXT_QUEUE_URL is set, and no job type of this function has a handOver: add one, or take "next" out/,
  ],
  [
    'a next queue that is no URL',
    () => make({ ...COMPLETE, NEXT_QUEUE_URL: 'next' }, { triple: { ...triple, handOver: () => 1 } }),
    /NEXT_QUEUE_URL must be a URL, not "next"/,
  ],
  [
    'a default type that it does not run',
    () => make({ ...COMPLETE, DEFAULT_TYPE: 'thumbnail' }),
    /DEFAULT_TYPE is "thumbnail", which this function does not run: it runs triple/,
  ],
])('%s is refused at the cold start, with what to do', (_what, act, message) => {
  expect(act).toThrow(message);
});

test('all that is wrong is told at once', () => {
  const all = [
    'no job types',
    'DEFAULT_TYPE is "x"',
    'TABLE_NAME is not set',
    'QUEUE_URL is not set',
    'DLQ_URL is not set',
  ];
  for (const problem of all) expect(() => make({ STAGE: 'test', DEFAULT_TYPE: 'x' }, {})).toThrow(problem);
});

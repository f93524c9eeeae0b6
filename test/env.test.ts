import { EnvironmentReader, readEnvironment } from '../src/env.ts';

const COMPLETE = {
  STAGE: 'prod',
  TABLE_NAME: 'results',
  QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/1/jobs',
  DLQ_URL: 'https://sqs.us-east-1.amazonaws.com/1/jobs-dlq',
};

function problems(variables: Record<string, string>): string {
  const read = new EnvironmentReader(variables);
  readEnvironment(read);
  try {
    read.check();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('what is required suffices; the rest has defaults', () => {
  const read = new EnvironmentReader(COMPLETE);
  expect(readEnvironment(read)).toMatchObject({
    concurrency: 10,
    maxReceiveCount: 5,
    resultTtlDays: 30,
    logLevel: 'INFO',
  });
  expect(() => read.check()).not.toThrow();
});

test('one message lists all that is missing or invalid', () => {
  const message = problems({ QUEUE_URL: 'jobs', WORKER_CONCURRENCY: 'ten', MAX_RECEIVE_COUNT: '0', LOG_LEVEL: 'LOUD' });
  for (const part of [
    'STAGE is not set',
    'TABLE_NAME is not set',
    'QUEUE_URL must be a URL, not "jobs"',
    'DLQ_URL is not set',
    'WORKER_CONCURRENCY must be a whole number from 1 to 1000, not "ten"',
    'MAX_RECEIVE_COUNT must be a whole number from 1 to 1000, not "0"',
    'LOG_LEVEL must be one of DEBUG, INFO, WARN, ERROR, not "LOUD"',
    '.env.sample',
  ]) {
    expect(message).toContain(part);
  }
});

test.each(['0', '1001', '1.5', '-1', 'NaN', '10 '.repeat(2)])(
  'a concurrency of %j is refused',
  (WORKER_CONCURRENCY) => {
    expect(problems({ ...COMPLETE, WORKER_CONCURRENCY })).toContain('WORKER_CONCURRENCY');
  },
);

test.each(['1', '1000'])('a concurrency of %j is taken', (WORKER_CONCURRENCY) => {
  expect(problems({ ...COMPLETE, WORKER_CONCURRENCY })).toBe('');
});

test('lists are trimmed and may be empty', () => {
  const read = new EnvironmentReader({ HOSTS: ' a.example ,b.example,, ' });
  expect(read.list('HOSTS')).toEqual(['a.example', 'b.example']);
  expect(read.list('OTHER')).toEqual([]);
});

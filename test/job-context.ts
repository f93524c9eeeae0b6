import type { Context } from 'aws-lambda';
import type { JobContext } from '../src/job.ts';

/** What Lambda says of an invocation that began now. */
export function lambdaContext(remainingMs = 10_000): Context {
  const end = performance.now() + remainingMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'sluice-test-jobs',
    functionVersion: '7',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:sluice-test-jobs',
    memoryLimitInMB: '512',
    awsRequestId: 'request-1',
    logGroupName: '/aws/lambda/sluice-test-jobs',
    logStreamName: 'stream',
    getRemainingTimeInMillis: () => end - performance.now(),
    done() {},
    fail() {},
    succeed() {},
  };
}

/** What a handler is told on its first run. For the tests of job types. */
export function jobContext<Settings>(of: Partial<JobContext<Settings>> & { settings: Settings }): JobContext<Settings> {
  return { ...lambdaContext(), signal: new AbortController().signal, slot: 1, attempt: 1, fencingToken: 1, ...of };
}

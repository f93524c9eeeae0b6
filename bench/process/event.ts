import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';

/** A job as a producer sends it. */
export interface Job {
  readonly job_id: string;
  readonly value: number;
  readonly type?: string;
  readonly ms?: number;
  /** Its message group, on a FIFO queue. It is not in the body. */
  readonly group?: string;
}

/** A FIFO queue's jobs: how many groups take turns in a batch, and how long each job takes, in milliseconds. */
export interface Fifo {
  readonly groups: number;
  readonly ms: number;
}

/** Jobs that were in no earlier batch. `prefix` names the batch. */
export function freshJobs(prefix: string, count: number, fifo?: Fifo): Job[] {
  return Array.from({ length: count }, (_, i) => ({
    job_id: `${prefix}-${String(i).padStart(6, '0')}`,
    value: i,
    ...(fifo && { ms: fifo.ms, group: `g${i % fifo.groups}` }),
  }));
}

/** An SQS event as Lambda delivers it. */
export function eventOf(jobs: readonly Job[]): SQSEvent {
  return { Records: jobs.map(recordOf) };
}

function recordOf({ group, ...job }: Job): SQSRecord {
  return {
    messageId: `m-${job.job_id}`,
    receiptHandle: `receipt-handle-of-some-length-as-sqs-gives-them-${job.job_id}`,
    body: JSON.stringify(job),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1700000000000',
      SenderId: 'AIDAEXAMPLE',
      ApproximateFirstReceiveTimestamp: '1700000000001',
      ...(group && { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: '00000000000000000000000000000000',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:bench-jobs',
    awsRegion: 'us-east-1',
  };
}

/** A Lambda context whose time runs out `remainingMs` from now. */
export function contextOf(remainingMs: number): Context {
  const end = Date.now() + remainingMs;
  return {
    functionName: 'bench-jobs',
    functionVersion: '$LATEST',
    awsRequestId: '00000000-0000-4000-8000-000000000000',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:bench-jobs',
    memoryLimitInMB: '512',
    logGroupName: '/aws/lambda/bench-jobs',
    logStreamName: 'bench',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => end - Date.now(),
  } as Context;
}

/** The function's environment: the service's own variables, and those that the AWS SDK reads. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  STAGE: 'bench',
  TABLE_NAME: 'results',
  QUEUE_URL: 'http://127.0.0.1/000000000000/bench-jobs',
  DLQ_URL: 'http://127.0.0.1/000000000000/bench-jobs-dlq',
  DEFAULT_TYPE: 'triple',
  MAX_RECEIVE_COUNT: '5',
  VISIBILITY_TIMEOUT: '181',
  WORKER_CONCURRENCY: '10',
  RESULT_TTL_DAYS: '30',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
  AWS_LAMBDA_FUNCTION_NAME: 'bench-jobs',
  AWS_EC2_METADATA_DISABLED: 'true',
};

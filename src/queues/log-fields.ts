import type { Failure } from '../failures/failure.ts';
import { groupOf } from './message-groups.ts';
import type { Received } from './redelivery.ts';

/** The message, for a log line. */
export function names({ record, receiveCount, type, job, jobId }: Received): object {
  const group = groupOf(record);
  return {
    queue_name: queueName(record.eventSourceARN),
    messageId: record.messageId,
    jobId: jobId ?? job.job_id,
    type,
    receiveCount,
    ...(group && { group }),
  };
}

/** The last part of a queue's ARN; empty where there is none. */
export function queueName(arn: string | undefined): string {
  return arn?.split(':').at(-1) ?? '';
}

/** The failure, for a log line. */
export function said({ errorClass, message }: Failure): object {
  return { errorClass, error: message };
}

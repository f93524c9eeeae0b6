import type { Failure } from '../failures/failure.ts';
import { groupOf } from './message-groups.ts';
import type { Received } from './redelivery.ts';

/** The message, for a log line. */
export function names({ record, receiveCount, type, job, jobId }: Received): object {
  const group = groupOf(record);
  return { messageId: record.messageId, jobId: jobId ?? job.job_id, type, receiveCount, ...(group && { group }) };
}

/** The failure, for a log line. */
export function said({ errorClass, message }: Failure): object {
  return { errorClass, error: message };
}

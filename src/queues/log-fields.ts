import type { Failure } from '../failures/failure.ts';
import type { Received } from './redelivery.ts';

/** The message, for a log line. */
export function names({ record, receiveCount, type, job, jobId }: Received): object {
  return { messageId: record.messageId, jobId: jobId ?? job.job_id, type, receiveCount };
}

/** The failure, for a log line. */
export function said({ errorClass, message }: Failure): object {
  return { errorClass, error: message };
}

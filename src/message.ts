import type { SQSRecord } from 'aws-lambda';
import { InvalidJob } from './errors.ts';
import type { Json } from './job.ts';

/** A job as it came in, before its schema has seen it. */
export type RawJob = Readonly<Record<string, Json>>;

/** One SQS record of a batch and the job in it. */
export interface Message {
  readonly record: SQSRecord;
  /** How often SQS has handed this message out, this time included. */
  readonly receiveCount: number;
  /** The job type's name, `triple` where the message names none. */
  readonly type: string;
  readonly job: RawJob;
  /** Why there is no job in it; then `job` is empty. */
  readonly invalid?: InvalidJob;
}

/** The type of a message that names none: the contract with producers that send `{"job_id", "value"}`. */
const DEFAULT_TYPE = 'triple';

/** Reads a record. Never throws: what cannot be a job is noted in `invalid`. */
export function readMessage(record: SQSRecord): Message {
  const receiveCount = Number(record.attributes?.ApproximateReceiveCount ?? 1);
  try {
    const { type, job } = readBody(record.body);
    return { record, receiveCount, type, job };
  } catch (error) {
    return { record, receiveCount, type: 'unknown', job: {}, invalid: error as InvalidJob };
  }
}

/** @throws InvalidJob when there can be no job in it */
export function readBody(body: string): Pick<Message, 'type' | 'job'> {
  const job = parseJob(body);
  const { type = DEFAULT_TYPE } = job;
  if (typeof type !== 'string') throw new InvalidJob(`"type" must be a string, not ${JSON.stringify(type)}`);
  return { type, job };
}

function parseJob(body: string): RawJob {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new InvalidJob(`the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidJob(
      `the body must be a JSON object, not ${Array.isArray(value) ? 'an array' : JSON.stringify(value)}`,
    );
  }
  if (body.includes('__proto__') && hasProtoKey(value)) {
    throw new InvalidJob('the body has a key "__proto__", which no job may have');
  }
  return value as RawJob;
}

/** JSON.parse makes it an own key, harmless until somebody copies the object by assignment. */
function hasProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasProtoKey);
}

import type { SQSMessageAttributes } from 'aws-lambda';
import { type Failure, MAX_MESSAGE } from '../failures/failure.ts';
import { errorFingerprint } from '../failures/fingerprint.ts';
import { legible } from '../failures/foreign-text.ts';
import { type Form, fewFieldsIn, isMoment, isName, isOverflow, matches, textUpTo, typesAndValues } from './forms.ts';
import type { Message } from './message.ts';

/** The message attribute that holds the reason, as JSON. */
export const REASON_ATTRIBUTE = 'DeadLetterReason';

/** Why a message is in the dead-letter queue. The operator's tools read it. */
export interface DeadLetterReason {
  readonly errorClass: string;
  /** At most 1,000 characters. */
  readonly message: string;
  /** Equal for the same error; see `errorFingerprint`. */
  readonly fingerprint: string;
  readonly kind: Failure['kind'];
  /** Runs that failed, with those before earlier redrives; at least 1. */
  readonly attempts: number;
  /** What its type calls the job, such as its `job_id`. Null where no id could be read from the body. */
  readonly jobId: string | null;
  readonly type: string;
  readonly functionName: string;
  readonly functionVersion: string;
  /**
   * ISO 8601, UTC. The earliest time at which the job can have failed: the message's first receive, or the time in an
   * earlier reason on the same message. The exact time is not known, because SQS does not let us write on a message
   * that stays in its queue.
   */
  readonly firstFailedAt: string;
  readonly lastFailedAt: string;
  /** The message's id on its own queue. A redrive gives it a new one. */
  readonly messageId: string;
  /**
   * Set on the notice of a message that holds up its group: the message is still on its queue, and waits for an operator.
   */
  readonly blocks?: boolean;
  /** Attributes of the original message that found no room among the ten, as Lambda delivered them. */
  readonly overflow?: SQSMessageAttributes;
}

/** The most characters of a job's id. A longer one can be read from the body. */
const MAX_ID = 1_000;

/** Pure; `now` in milliseconds since the epoch. */
export function reasonFor(
  { record, receiveCount, type, job, jobId = job.job_id }: Message & { readonly jobId?: unknown },
  failure: Failure,
  runs: number,
  worker: { functionName: string; functionVersion: string },
  now: number,
): DeadLetterReason {
  const earlier = readReason(record.messageAttributes?.[REASON_ATTRIBUTE]?.stringValue);
  const firstReceive = pastOr(Number(record.attributes?.ApproximateFirstReceiveTimestamp), now);
  const nowText = new Date(now).toISOString();
  return {
    errorClass: failure.errorClass,
    message: legible(failure.message, MAX_MESSAGE),
    fingerprint: errorFingerprint(failure),
    kind: failure.kind,
    attempts: Math.max(1, runs) + (earlier?.attempts ?? 0),
    jobId: typeof jobId === 'string' ? jobId.slice(0, MAX_ID).toWellFormed() : null,
    type,
    functionName: worker.functionName,
    functionVersion: worker.functionVersion,
    firstFailedAt: earlier?.firstFailedAt ?? (receiveCount > 1 ? new Date(firstReceive).toISOString() : nowText),
    lastFailedAt: nowText,
    messageId: record.messageId,
  };
}

/**
 * `time`, or `now` where it is no time or lies in the future: a job cannot have failed then, and a Date does not take
 * every number.
 */
function pastOr(time: number, now: number): number {
  return time > 0 && time < now ? time : now;
}

/** Twice what is ever written, so that a later version may write more. */
const MAX_READ_MESSAGE = 2_000;
/** The most characters of a job's key [DynamoDB: partition keys of up to 2,048 bytes]. */
const MAX_KEY = 2_048;
/** Four attempts for each redrive, with one redrive a day, for about seventy years. */
const MAX_ATTEMPTS = 100_000;

/**
 * The form of each field. Anybody who can send a message can write this attribute, and its values reach an operator's
 * terminal and command lines.
 */
const FORMS: { readonly [Field in keyof Required<DeadLetterReason>]: Form } = {
  errorClass: isName,
  message: textUpTo(MAX_READ_MESSAGE),
  fingerprint: matches(/^[\w-]{1,64}$/),
  kind: (value) => value === 'transient' || value === 'permanent',
  attempts: (value) => Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_ATTEMPTS,
  jobId: (value) => value === null || textUpTo(MAX_KEY)(value),
  type: textUpTo(MAX_KEY),
  functionName: matches(/^[\w:-]{1,256}$/),
  functionVersion: matches(/^[\w$.-]{1,256}$/),
  firstFailedAt: isMoment,
  lastFailedAt: isMoment,
  messageId: matches(/^[\w.:-]{1,100}$/),
  blocks: (value) => value === undefined || typeof value === 'boolean',
  overflow: (value) => value === undefined || isOverflow(value),
};

/**
 * Reads a reason from a message attribute. Its time is linear in the text's length. Fields of later versions are left
 * out.
 *
 * @returns undefined where there is none, or where we cannot have written one of its fields
 */
export function readReason(text: string | undefined): DeadLetterReason | undefined {
  const fields = text ? fewFieldsIn(text) : undefined;
  if (!fields || Object.entries(FORMS).some(([field, isInForm]) => !isInForm(fields[field]))) return undefined;
  const known = Object.keys(FORMS).filter((field) => fields[field] !== undefined);
  const reason = Object.fromEntries(known.map((field) => [field, fields[field]])) as unknown as DeadLetterReason;
  return reason.overflow ? { ...reason, overflow: typesAndValues(reason.overflow) } : reason;
}

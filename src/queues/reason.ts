import type { SQSMessageAttributes } from 'aws-lambda';
import { errorFingerprint, type Failure, MAX_MESSAGE } from '../classification.ts';
import { legible } from '../foreign-text.ts';
import type { Message } from '../message.ts';

/** The message attribute that holds the reason, as JSON. */
export const REASON_ATTRIBUTE = 'DeadLetterReason';

/** Why a message is in the dead-letter queue: what an operator's tools read. */
export interface DeadLetterReason {
  readonly errorClass: string;
  /** At most 1,000 characters. */
  readonly message: string;
  /** Equal for "the same error again"; see `errorFingerprint`. */
  readonly fingerprint: string;
  readonly kind: Failure['kind'];
  /** Runs that failed, those before earlier redrives included; at least 1. */
  readonly attempts: number;
  /** Null where the body holds none that could be read. */
  readonly jobId: string | null;
  readonly type: string;
  readonly functionName: string;
  readonly functionVersion: string;
  /**
   * ISO 8601, UTC. The earliest moment the job can have failed: its first receive, or what an earlier reason on the same
   * message says. SQS lets nobody note a failure on a message that stays on its queue.
   */
  readonly firstFailedAt: string;
  readonly lastFailedAt: string;
  /** The id that SQS gave the message on its own queue; a redrive mints a new one. */
  readonly messageId: string;
  /** Attributes of the original message that found no room among the ten, as Lambda handed them out. */
  readonly overflow?: SQSMessageAttributes;
}

/** Characters of a job's id; one that is longer is in the body. */
const MAX_ID = 1_000;

/** Pure; `now` in milliseconds since the epoch. */
export function reasonFor(
  { record, receiveCount, type, job }: Message,
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
    jobId: typeof job.job_id === 'string' ? job.job_id.slice(0, MAX_ID).toWellFormed() : null,
    type,
    functionName: worker.functionName,
    functionVersion: worker.functionVersion,
    firstFailedAt: earlier?.firstFailedAt ?? (receiveCount > 1 ? new Date(firstReceive).toISOString() : nowText),
    lastFailedAt: nowText,
    messageId: record.messageId,
  };
}

/** A time that is none, or still to come, is not when a job failed first; nor could a Date hold any number. */
function pastOr(time: number, now: number): number {
  return time > 0 && time < now ? time : now;
}

/** Reads a reason off a message attribute; undefined where there is none or it is not ours. */
export function readReason(text: string | undefined): DeadLetterReason | undefined {
  if (!text) return undefined;
  try {
    const reason: unknown = JSON.parse(text);
    return typeof reason === 'object' && reason !== null && 'errorClass' in reason
      ? (reason as DeadLetterReason)
      : undefined;
  } catch {
    return undefined;
  }
}

import type { DeadLetter } from './letter.ts';

/**
 * When a letter died, in milliseconds since the epoch: its last failure where its reason says so, else when it was
 * sent. SQS keeps the original sending time over its own redrive on standard queues. Where nothing is known, 0.
 */
export function diedAt({ reason, system }: Pick<DeadLetter, 'reason' | 'system'>): number {
  const failed = Date.parse(reason?.lastFailedAt ?? '');
  if (!Number.isNaN(failed)) return failed;
  const sent = Number(system.SentTimestamp);
  return Number.isNaN(new Date(sent).getTime()) ? 0 : sent;
}

/** Of the body, or of the reason where the body names none. */
export function typeOf({ type, reason }: Pick<DeadLetter, 'type' | 'reason'>): string | undefined {
  return type ?? reason?.type;
}

/** Of the body, or of the reason where the body names none. */
export function jobIdOf({ jobId, reason }: Pick<DeadLetter, 'jobId' | 'reason'>): string | undefined {
  return jobId ?? reason?.jobId ?? undefined;
}

/**
 * The earliest known moment of a letter, milliseconds since the epoch. On standard queues SQS keeps the first sending
 * time of what it moves. A worker's copy has a new one, and its reason holds the first failure.
 */
export function firstSeen({ system, reason }: Pick<DeadLetter, 'system' | 'reason'>, now: number): number {
  const failed = Date.parse(reason?.firstFailedAt ?? '');
  const sent = Number(system.SentTimestamp);
  return Math.min(sent || now, Number.isNaN(failed) ? now : failed);
}

import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';

/** The message attribute of a copy that went back to its own queue, as JSON. */
export const RETURNED_ATTRIBUTE = 'SluiceReturned';

/**
 * For how long a message may be returned to its queue before it is dead-lettered after all: a queue's own retention of
 * four days, which every return starts anew. Milliseconds.
 */
export const MAX_RETURNED_MS = 4 * 86_400_000;

/** How far clocks may differ. What a producer dates further ahead is not ours; milliseconds. */
const CLOCK_SKEW_MS = 900_000;
/** Far above what job types and queues allow (`maxReceiveCount` is at most 1,000). */
const MOST_RUNS = 1_000;
/** A whole message has no more characters [SQS quotas]. */
const MOST_CHARACTERS = 1_048_576;

/** What a copy knows of the message it replaces: SQS counts its receives anew. */
export interface Returned {
  /** When the first of its line was returned, in milliseconds since the epoch. */
  readonly since: number;
  /** Failed runs so far. */
  readonly runs: number;
  /** Present where the job may have ended its process: how often it did while it ran alone. */
  readonly suspect?: number;
  /** Attributes of the original that found no room among the ten, as Lambda handed them out. */
  readonly overflow?: SQSMessageAttributes;
}

/**
 * Reads the attribute off a record. A producer may have written it: what cannot be ours counts as absent, and nothing in it can
 * make a message circulate for longer than one without it.
 */
export function readReturned({ messageAttributes }: SQSRecord, now: number): Returned | undefined {
  const attribute = messageAttributes?.[RETURNED_ATTRIBUTE];
  const text = attribute?.stringValue;
  if (!text || text.length > MOST_CHARACTERS) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isReturned(value, now) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isReturned(value: unknown, now: number): value is Returned {
  if (typeof value !== 'object' || value === null) return false;
  const { since, runs, suspect, overflow } = value as Record<string, unknown>;
  return (
    isCount(since, now + CLOCK_SKEW_MS) &&
    isCount(runs, MOST_RUNS) &&
    (suspect === undefined || isCount(suspect, MOST_RUNS)) &&
    (overflow === undefined || isAttributes(overflow))
  );
}

function isCount(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function isAttributes(value: unknown): value is SQSMessageAttributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((attribute: unknown) => {
    if (typeof attribute !== 'object' || attribute === null) return false;
    const { dataType, stringValue, binaryValue } = attribute as Record<string, unknown>;
    const hasText = typeof stringValue === 'string' || typeof binaryValue === 'string';
    return typeof dataType === 'string' && hasText;
  });
}

import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import { fewFieldsIn, isOverflow } from './forms.ts';

/** The message attribute of a copy that went back to its own queue, as JSON. */
export const REQUEUED_ATTRIBUTE = 'SluiceRequeued';

/**
 * For how long a message may be requeued before it is dead-lettered after all: a queue's own retention of
 * four days, which every return starts anew. Milliseconds.
 */
export const MAX_REQUEUED_MS = 4 * 86_400_000;

/** How far clocks may differ. What a producer dates further ahead is not ours; milliseconds. */
const CLOCK_SKEW_MS = 900_000;
/** Far above what job types and queues allow (`maxReceiveCount` is at most 1,000). */
const MOST_RUNS = 1_000;
/** What a copy knows of the message it replaces: SQS counts its receives anew. */
export interface Requeued {
  /** When the first of its line was requeued, in milliseconds since the epoch. */
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
export function readRequeued({ messageAttributes }: SQSRecord, now: number): Requeued | undefined {
  return parseRequeued(messageAttributes?.[REQUEUED_ATTRIBUTE]?.stringValue, now);
}

/** The same of the attribute's text. */
export function parseRequeued(text: string | null | undefined, now: number): Requeued | undefined {
  const fields = text ? fewFieldsIn(text) : undefined;
  if (!fields) return undefined;
  const { since, runs, suspect, overflow } = fields;
  const isOurs =
    isCount(since, now + CLOCK_SKEW_MS) &&
    isCount(runs, MOST_RUNS) &&
    (suspect === undefined || isCount(suspect, MOST_RUNS)) &&
    (overflow === undefined || isOverflow(overflow));
  return isOurs
    ? ({
        since,
        runs,
        ...(suspect !== undefined && { suspect }),
        ...(overflow !== undefined && { overflow }),
      } as Requeued)
    : undefined;
}

function isCount(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

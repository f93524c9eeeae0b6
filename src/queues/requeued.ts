import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import { fewFieldsIn, isOverflow } from './forms.ts';

/** The attribute of a requeued message, as JSON. */
export const REQUEUED_ATTRIBUTE = 'SluiceRequeued';

/**
 * After so long in requeues a message is dead-lettered. SQS itself would keep it for ever, because each copy starts the
 * queue's retention of four days anew. Milliseconds.
 */
export const MAX_REQUEUED_MS = 4 * 86_400_000;

/** How far clocks may differ. An attribute with a time further in the future is not ours; milliseconds. */
const CLOCK_SKEW_MS = 900_000;
/** Far above what job types and queues allow (`maxReceiveCount` is at most 1,000). */
const MOST_RUNS = 1_000;
/** What a copy knows of the message that it replaces, because SQS counts its receives from the start. */
export interface Requeued {
  /** When the first of these copies was made, in milliseconds since the epoch. */
  readonly since: number;
  /** Failed runs so far. */
  readonly runs: number;
  /** Set for a suspect: how often its job ended its process while it ran alone. */
  readonly suspect?: number;
  /** Attributes of the original that found no room among the ten, as Lambda delivered them. */
  readonly overflow?: SQSMessageAttributes;
}

/**
 * Reads the attribute from a record. A producer may have written it. So an attribute that we cannot have written counts
 * as absent, and no content of it lets a message circulate longer than one without it.
 */
export function readRequeued({ messageAttributes }: SQSRecord, now: number): Requeued | undefined {
  return parseRequeued(messageAttributes?.[REQUEUED_ATTRIBUTE]?.stringValue, now);
}

/** The same, from the attribute's text. */
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

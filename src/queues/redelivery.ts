import type { SQSRecord } from 'aws-lambda';
import type { StoredRecord } from '../ledger/record.ts';
import type { Message } from './message.ts';
import { REASON_ATTRIBUTE, readReason } from './reason.ts';
import type { Requeued } from './requeued.ts';

/** What is known about a message's earlier deliveries. */
export interface History {
  /** Failed runs so far, those of the message it is a copy of included. */
  readonly runs: number;
  /** Whether the job may have ended its process: it must not run in company. */
  readonly isSuspect: boolean;
  /** Runs alone in their process that left no outcome. */
  readonly aloneRuns: number;
}

/** A message, and what the copy it may be knows of those before it. */
export interface Received extends Message {
  readonly requeued: Requeued | undefined;
}

/**
 * The share of the visibility timeout that must have passed since the first receive before a message can be a suspect: a
 * killed batch comes back after all of it. Half allows for clocks that differ by a minute or two.
 */
const SUSPECT_SHARE = 0.5;

/** Of a message that comes for the first time, or whose record cannot be read: what its own attributes say. */
export function firstHistory({ record, requeued }: Pick<Received, 'record' | 'requeued'>): History {
  const isSuspect = requeued?.suspect !== undefined || wasKiller(record);
  return { runs: requeued?.runs ?? 0, isSuspect, aloneRuns: requeued?.suspect ?? 0 };
}

/** A redriven dead letter that ended its process before: its cause may be mended, or not. */
function wasKiller({ messageAttributes }: SQSRecord): boolean {
  const text = messageAttributes?.[REASON_ATTRIBUTE]?.stringValue;
  return text !== undefined && text !== null && readReason(text)?.errorClass === 'KilledItsProcess';
}

/**
 * Pure. A delivery that comes back although no outcome is known of the one before is a suspect: a lease that is over and left
 * no result, a handler that could not be stopped, or, since jobs without claims leave no lease, one that has been away for as long as a killed batch. What was
 * retried has its failure on record; what was deferred came back sooner, or as a copy.
 *
 * @param visibilityMs the queue's visibility timeout
 */
export function historyOf(
  message: Received,
  stored: StoredRecord | undefined,
  { now, visibilityMs }: { now: number; visibilityMs: number },
): History {
  const { record, receiveCount } = message;
  const first = firstHistory(message);
  const isOfThisMessage = stored?.messageId === record.messageId;
  const runs = isOfThisMessage ? Math.max(stored.runs, first.runs) : first.runs + otherRuns(stored, receiveCount);
  const aloneRuns = isOfThisMessage && stored.status === 'running' ? stored.aloneRuns : first.aloneRuns;
  const isExplained = isOfThisMessage && stored.status === 'failed' && stored.receives === receiveCount - 1;
  const couldNotBeStopped = isOfThisMessage && stored.status === 'failed' && stored.receives === 0;
  const leftNoOutcome = stored?.status === 'running' && stored.leaseUntil <= now;
  const isSuspect =
    first.isSuspect ||
    couldNotBeStopped ||
    leftNoOutcome ||
    (receiveCount > 1 && !isExplained && awayMs(record, now) >= visibilityMs * SUSPECT_SHARE);
  return { runs, isSuspect, aloneRuns };
}

/** Two messages of one job that fail in turns overwrite each other's count: then each receive counts as a run. */
function otherRuns(stored: StoredRecord | undefined, receiveCount: number): number {
  return stored?.status === 'failed' && stored.messageId !== '' ? receiveCount - 1 : 0;
}

/**
 * Whether a message that comes back after a delay might be taken for one of a killed batch: it then goes back as a copy, on
 * which SQS counts time and receives anew. Reckons with a queue as long as the message has met.
 */
export function wouldLookSuspect(
  record: SQSRecord,
  afterMs: number,
  { now, visibilityMs }: { now: number; visibilityMs: number },
): boolean {
  const sent = Number(record.attributes?.SentTimestamp) || now;
  const firstReceive = Number(record.attributes?.ApproximateFirstReceiveTimestamp) || now;
  const waited = Math.max(0, firstReceive - sent);
  return awayMs(record, now) + afterMs + waited >= visibilityMs * SUSPECT_SHARE;
}

function awayMs({ attributes }: SQSRecord, now: number): number {
  return now - (Number(attributes?.ApproximateFirstReceiveTimestamp) || now);
}

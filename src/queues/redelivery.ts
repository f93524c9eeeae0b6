import type { SQSRecord } from 'aws-lambda';
import type { StoredRecord } from '../ledger/record.ts';
import type { Message } from './message.ts';
import { REASON_ATTRIBUTE, readReason } from './reason.ts';
import type { Requeued } from './requeued.ts';

/** What is known about a message's earlier deliveries. */
export interface History {
  /** Failed runs so far. For a copy, those of the messages before it count, too. */
  readonly runs: number;
  /** Whether the message is a suspect: its job may have ended its process, and must run alone. */
  readonly isSuspect: boolean;
  /** Runs alone that left no outcome. */
  readonly aloneRuns: number;
}

/** A message. If it is a requeued copy, also what it knows of the messages before it. */
export interface Received extends Message {
  /** What its job type calls the job, for people: its key without a namespace. Undefined where that cannot be said. */
  readonly jobId?: string | undefined;
  readonly requeued: Requeued | undefined;
  /** Whether it holds up its message group where it is dead, until an operator decides. */
  readonly blocks?: boolean;
}

/** What the order of a FIFO queue says about a message's earlier deliveries. */
export interface InGroup {
  /** Another message of its group ran before it in this batch. So it has never run: it was not its turn. */
  readonly isBehind: boolean;
  /** An operator lets it run again, so earlier runs do not count. */
  readonly startsAnew: boolean;
}

/**
 * A message can be a suspect once this share of the visibility timeout has passed since its first receive. A killed
 * batch comes back after the whole timeout. Half of it allows for clocks that differ by a minute or two.
 */
const SUSPECT_SHARE = 0.5;

/**
 * The history that the message's own attributes tell. Nothing else is known at its first receive, or where its record
 * cannot be read.
 */
export function firstHistory({ record, requeued }: Pick<Received, 'record' | 'requeued'>): History {
  const isSuspect = requeued?.suspect !== undefined || wasKiller(record);
  return { runs: requeued?.runs ?? 0, isSuspect, aloneRuns: requeued?.suspect ?? 0 };
}

/**
 * Whether this is a redriven dead letter whose job ended its process before. The cause may be mended since then, or
 * not.
 */
function wasKiller({ messageAttributes }: SQSRecord): boolean {
  const text = messageAttributes?.[REASON_ATTRIBUTE]?.stringValue;
  return text !== undefined && text !== null && readReason(text)?.errorClass === 'KilledItsProcess';
}

/**
 * Pure. A message that comes back is a suspect if no outcome of its last delivery is known. There are three signs. A
 * lease has expired and left no result. The handler could not be stopped. Or, since jobs without claims leave no lease,
 * the message was away as long as a killed batch is. A retried message is none, because its failure is in the record.
 * Nor is a deferred one, because it came back sooner, or as a copy.
 *
 * @param visibilityMs the queue's visibility timeout
 * @param inGroup undefined on a standard queue
 */
export function historyOf(
  message: Received,
  stored: StoredRecord | undefined,
  { now, visibilityMs, inGroup }: { now: number; visibilityMs: number; inGroup?: InGroup | undefined },
): History {
  const { record, receiveCount } = message;
  const first = firstHistory(message);
  const isOfThisMessage = stored?.messageId === record.messageId;
  const others = inGroup ? runsInOtherGroups(stored, receiveCount) : otherRuns(stored, message);
  const counted = isOfThisMessage ? Math.max(stored.runs, first.runs) : first.runs + others;
  const runs = inGroup?.startsAnew ? 0 : counted;
  const aloneRuns = isOfThisMessage && stored.status === 'running' ? stored.aloneRuns : first.aloneRuns;
  const isExplained = isOfThisMessage && stored.status === 'failed' && stored.receives === receiveCount - 1;
  const couldNotBeStopped = isOfThisMessage && stored.status === 'failed' && stored.receives === 0;
  const leftNoOutcome = stored?.status === 'running' && stored.leaseUntil <= now;
  const isSuspect =
    first.isSuspect ||
    couldNotBeStopped ||
    leftNoOutcome ||
    (receiveCount > 1 && !isExplained && !inGroup?.isBehind && awayMs(record, now) >= visibilityMs * SUSPECT_SHARE);
  return { runs, isSuspect, aloneRuns };
}

/**
 * Two messages of one job that fail in turns overwrite each other's count. Then each earlier receive counts as a failed
 * run. Not so where the other message is the one that this copy replaces, whose count it carries: this one has not failed
 * yet, and its receives ended in no run.
 */
function otherRuns(stored: StoredRecord | undefined, { receiveCount, requeued }: Received): number {
  if (stored?.status !== 'failed' || stored.messageId === '') return 0;
  return stored.runs === requeued?.runs ? 0 : receiveCount - 1;
}

/**
 * The same on a FIFO queue, where a message is received without running. Messages of one job wait for each other in one group,
 * so these are of different groups, and each counts on from the other.
 */
function runsInOtherGroups(stored: StoredRecord | undefined, receiveCount: number): number {
  return stored?.status === 'failed' ? Math.min(stored.runs, receiveCount - 1) : 0;
}

/**
 * Whether a message that comes back after a delay could look like one of a killed batch. If so it goes back as a copy,
 * for which SQS counts time and receives from the start. This assumes that the message waits in its queue as long as it
 * did before its first receive, apart from the queue's own delay, which is not repeated.
 */
export function wouldLookSuspect(
  record: SQSRecord,
  afterMs: number,
  { now, visibilityMs, delayMs = 0 }: { now: number; visibilityMs: number; delayMs?: number | undefined },
): boolean {
  const sent = Number(record.attributes?.SentTimestamp) || now;
  const firstReceive = Number(record.attributes?.ApproximateFirstReceiveTimestamp) || now;
  const waited = Math.max(0, firstReceive - sent - delayMs);
  return awayMs(record, now) + afterMs + waited >= visibilityMs * SUSPECT_SHARE;
}

function awayMs({ attributes }: SQSRecord, now: number): number {
  return now - (Number(attributes?.ApproximateFirstReceiveTimestamp) || now);
}

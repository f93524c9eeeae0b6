import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Status } from '../../../src/ledger/record.ts';

/** What the ledger knows about a job. Times are ISO 8601, UTC; null where there are none. */
export interface KnownJob {
  readonly jobId: string;
  /**
   * The ledger's own status, or:
   * - `abandoned`: a lease that is over without an answer; its worker was killed or is about to be
   * - `expired`: past its time to live; the job counts as one that has never run
   */
  readonly state: Status | 'abandoned' | 'expired';
  readonly type: string | null;
  readonly fingerprint: string | null;
  /** How often a run has taken the job's place. Job types that do not claim write once: always 1. */
  readonly runs: number;
  /** Runs that failed, of the message that failed last. */
  readonly failedRuns: number;
  /** Class and message of the last error. */
  readonly lastError: string | null;
  readonly failedAt: string | null;
  /** When the job is tried again, at the earliest; null where it is not. */
  readonly retryAt: string | null;
  readonly claimedAt: string | null;
  readonly completedAt: string | null;
  readonly leaseUntil: string | null;
  /** When the ledger forgets the job. */
  readonly expiresAt: string | null;
  /** Undefined where there is none; null is a result. */
  readonly result?: unknown;
}

/** Reads a job from the results table, the latest write included. */
export async function readJob(
  dynamodb: DynamoDBClient,
  TableName: string,
  jobId: string,
  now: number,
): Promise<KnownJob | undefined> {
  const command = new GetItemCommand({ TableName, Key: { JobID: { S: jobId } }, ConsistentRead: true });
  const { Item } = await dynamodb.send(command);
  return Item && interpret(Item, now);
}

/** Pure. An item that somebody else wrote, without the ledger's attributes, reads as done, as it does for a worker. */
export function interpret(item: Record<string, AttributeValue>, now: number): KnownJob {
  const leaseUntil = item.LeaseUntil?.N === undefined ? undefined : Number(item.LeaseUntil.N);
  const expiresAt = item.ttl?.N === undefined ? undefined : Number(item.ttl.N) * 1000;
  return {
    jobId: item.JobID?.S ?? '',
    state: stateOf((item.Status?.S ?? 'done') as Status, leaseUntil, expiresAt, now),
    type: item.Type?.S ?? null,
    fingerprint: item.Fingerprint?.S ?? null,
    runs: Number(item.FencingToken?.N ?? 1),
    failedRuns: Number(item.Runs?.N ?? 0),
    lastError: item.Error?.S || null,
    failedAt: timeIn(item.FailedAt),
    retryAt: timeIn(item.RetryAt),
    claimedAt: item.ClaimedAt?.S ?? null,
    completedAt: item.CompletedAt?.S ?? null,
    leaseUntil: isoOf(leaseUntil),
    expiresAt: isoOf(expiresAt),
    ...(item.Result && { result: resultOf(item.Result) }),
  };
}

function stateOf(
  status: Status,
  leaseUntil: number | undefined,
  expiresAt: number | undefined,
  now: number,
): KnownJob['state'] {
  if (expiresAt !== undefined && expiresAt <= now) return 'expired';
  if (status === 'running' && (leaseUntil ?? 0) <= now) return 'abandoned';
  return status;
}

/** Null also for a text of another program's that is no time. */
function timeIn(attribute: AttributeValue | undefined): string | null {
  return isoOf(Date.parse(attribute?.S ?? ''));
}

/** Null also for a number of another program's that is no time. */
function isoOf(at: number | undefined): string | null {
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function resultOf(Result: AttributeValue): unknown {
  return unmarshall({ Result }).Result;
}

import type { Status } from '../../../src/ledger/record.ts';
import type { JobRecord } from '../../../src/ledger/store.ts';

/** What the ledger knows about a job. Times are ISO 8601, UTC; null where there are none. */
export interface KnownJob {
  /** As the ledger knows it: behind its type's namespace, if it has one. */
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
  /**
   * Whether the next step of a chain has its message: null where nothing is handed over. `pending` is not known to be sent; it
   * is sent when the job's message comes back.
   */
  readonly handOver: 'sent' | 'pending' | null;
  readonly handedOverAt: string | null;
  /** When the ledger forgets the job. */
  readonly expiresAt: string | null;
  /** Undefined where there is none; null is a result. */
  readonly result?: unknown;
}

/** What a record means at this moment. Pure. */
export function knownJob(jobId: string, record: JobRecord, now: number): KnownJob {
  const leaseUntil = record.leaseUntil > 0 ? record.leaseUntil : undefined;
  const expiresAt = Number.isFinite(record.ttl) ? record.ttl * 1000 : undefined;
  return {
    jobId,
    state: stateOf(record.status, leaseUntil, expiresAt, now),
    type: record.type ?? null,
    fingerprint: record.fingerprint || null,
    // An item that somebody else wrote has no token, and was written once.
    runs: record.fencingToken || 1,
    failedRuns: record.runs,
    lastError: record.error || null,
    failedAt: timeIn(record.failedAt),
    retryAt: timeIn(record.retryAt),
    claimedAt: record.claimedAt ?? null,
    completedAt: record.completedAt ?? null,
    leaseUntil: isoOf(leaseUntil),
    handOver: record.handOver !== undefined ? 'pending' : record.handedOverAt ? 'sent' : null,
    handedOverAt: timeIn(record.handedOverAt),
    expiresAt: isoOf(expiresAt),
    ...('result' in record && { result: record.result }),
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
function timeIn(text: string | undefined): string | null {
  return isoOf(Date.parse(text ?? ''));
}

/** Null also for a number of another program's that is no time. */
function isoOf(at: number | undefined): string | null {
  const date = new Date(at ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

import { resultText } from '../json-result.ts';
import type { Entry, Status, StoredRecord } from '../record.ts';
import { bytesBeside } from '../result-rules.ts';
import type { Content, DoneContent, JobRecord } from '../store.ts';

/** Of a job's hash, what decides about it. Not the result: it may be large. A hand-over is there only until it is confirmed. */
export const DECIDING = [
  'status',
  'fingerprint',
  'owner',
  'fencingToken',
  'leaseUntil',
  'ttl',
  'messageId',
  'runs',
  'receives',
  'aloneRuns',
  'handOver',
  'version',
] as const;

/** What a replacement found when it read the hash. */
export interface Seen {
  readonly owner: string;
  readonly version: string;
}

export type Hash = Readonly<Record<string, string | null | undefined>>;

/**
 * Fields and values in turn. A lease is part of them, but for `lasts`, which leaves it as it is.
 *
 * @throws PermanentError as `resultText`
 */
export function fieldsOf(entry: Entry, content: Content, lease: 'set' | 'lasts' = 'set'): (string | number)[] {
  const { type, fingerprint, owner } = entry;
  const { status, ttl } = content;
  const leaseUntil = content.status === 'running' ? content.leaseUntil : 0;
  const fields = {
    ...{ type, fingerprint, owner, status, ttl },
    ...(lease === 'set' && { leaseUntil }),
    ...addedBy(content),
  };
  return Object.entries(fields).flat();
}

function addedBy(content: Content): Record<string, string | number> {
  switch (content.status) {
    case 'done':
      return done(content);
    case 'running':
      return { claimedAt: content.at, ...content.run };
    default: {
      const { messageId, receives, runs, error, retryAt } = content.attempt;
      return { failedAt: content.at, messageId, receives, runs, error: error.toWellFormed(), retryAt };
    }
  }
}

function done({ at, result, handOver }: DoneContent): Record<string, string> {
  const most = bytesBeside(handOver);
  return {
    completedAt: at,
    ...(result !== undefined && { result: resultText(result, most) }),
    ...(handOver !== undefined && { handOver }),
  };
}

/** @returns undefined where there is no hash */
export function recordOf(hash: Hash): StoredRecord | undefined {
  if (!hash.status) return undefined;
  const owner = hash.owner ?? '';
  return {
    status: hash.status as Status,
    fingerprint: hash.fingerprint ?? '',
    owner,
    fencingToken: Number(hash.fencingToken ?? 0),
    leaseUntil: Number(hash.leaseUntil ?? 0),
    ttl: Number(hash.ttl ?? Number.POSITIVE_INFINITY),
    messageId: hash.messageId ?? '',
    runs: Number(hash.runs ?? 0),
    receives: Number(hash.receives ?? 0),
    aloneRuns: Number(hash.aloneRuns ?? 0),
    ...(hash.handOver != null && { handOver: hash.handOver }),
    version: { owner, version: hash.version ?? '' } satisfies Seen,
  };
}

export function jobRecordOf(hash: Hash): JobRecord | undefined {
  const record = recordOf(hash);
  if (!record) return undefined;
  const text = (name: string) => hash[name] ?? undefined;
  const result = text('result');
  return {
    ...record,
    type: text('type'),
    error: text('error'),
    failedAt: text('failedAt'),
    retryAt: text('retryAt'),
    claimedAt: text('claimedAt'),
    completedAt: text('completedAt'),
    handedOverAt: text('handedOverAt'),
    ...(result !== undefined && { result: JSON.parse(result) }),
  };
}

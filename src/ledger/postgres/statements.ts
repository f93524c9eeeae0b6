import { resultText } from '../json-result.ts';
import { checkKey } from '../key.ts';
import type { Entry, HandOver, Status, StoredRecord } from '../record.ts';
import { bytesBeside } from '../result-rules.ts';
import type { Content, DoneContent, FailedContent, JobRecord } from '../store.ts';
import type { Row } from './connection.ts';

/** What is written about one job, by the columns of schema.sql. In an update what is null stays as it is, but for what `UPDATE` says. */
export interface Change {
  /** The key's UTF-8 as hexadecimal. */
  readonly message_id: string;
  readonly type: string;
  readonly fingerprint: string;
  readonly owner: string;
  readonly status: Status;
  readonly ttl: number;
  readonly lease_until?: number;
  readonly sqs_message_id?: string;
  readonly runs?: number;
  readonly receives?: number;
  readonly alone_runs?: number;
  readonly error?: string;
  readonly failed_at?: string;
  readonly retry_at?: string;
  readonly claimed_at?: string;
  readonly completed_at?: string;
  readonly processed_at?: number;
  readonly result?: string;
  readonly hand_over?: string;
  /** By how much the fencing token grows: 1 for a new claim. */
  readonly tokens?: number;
  /** Conditions of an update: the row as it was read, or what it must still be. */
  readonly seen_version?: string;
  readonly seen_owner?: string;
  readonly seen_status?: Status;
}

/** All of a batch travel in one JSON text: the statement is the same for any number, and short, as RDS Proxy wants it. */
const CHANGES = `json_to_recordset($1::json) AS c(message_id text, type text, fingerprint text, owner text, status text,
  ttl bigint, lease_until bigint, sqs_message_id text, runs integer, receives integer, alone_runs integer, error text,
  failed_at text, retry_at text, claimed_at text, completed_at text, processed_at bigint, result text, hand_over text, tokens integer,
  seen_version bigint, seen_owner text, seen_status text)`;

/** Answers the keys of the rows that it wrote. */
export const INSERT = `INSERT INTO processed_messages (message_id, type, fingerprint, owner, fencing_token, version, status,
  ttl, lease_until, sqs_message_id, runs, receives, alone_runs, error, failed_at, retry_at, claimed_at, completed_at,
  processed_at, result, hand_over)
SELECT decode(message_id, 'hex'), type, fingerprint, owner, 1, 1, status, ttl, coalesce(lease_until, 0),
  coalesce(sqs_message_id, ''), coalesce(runs, 0), coalesce(receives, 0), coalesce(alone_runs, 0), error, failed_at,
  retry_at, claimed_at, completed_at, processed_at, result, hand_over
FROM ${CHANGES}
ON CONFLICT (message_id) DO NOTHING
RETURNING encode(message_id, 'hex') AS key`;

/**
 * Answers the keys of the rows that it wrote. Rows are locked in the order of their keys, as inserts come too, so that two
 * batches with the same jobs do not wait for each other.
 */
export const UPDATE = `WITH changes AS MATERIALIZED (
  SELECT decode(c.message_id, 'hex') AS id, c.* FROM ${CHANGES}
), locked AS MATERIALIZED (
  SELECT t.message_id AS id FROM processed_messages t WHERE t.message_id IN (SELECT id FROM changes)
  ORDER BY t.message_id FOR UPDATE
)
UPDATE processed_messages t SET type = c.type, fingerprint = c.fingerprint, owner = c.owner,
  fencing_token = t.fencing_token + coalesce(c.tokens, 0), version = t.version + 1, status = c.status, ttl = c.ttl,
  lease_until = coalesce(c.lease_until, t.lease_until), sqs_message_id = coalesce(c.sqs_message_id, t.sqs_message_id),
  runs = coalesce(c.runs, t.runs), receives = coalesce(c.receives, t.receives),
  alone_runs = coalesce(c.alone_runs, t.alone_runs), error = coalesce(c.error, t.error),
  failed_at = coalesce(c.failed_at, t.failed_at), retry_at = coalesce(c.retry_at, t.retry_at),
  claimed_at = c.claimed_at, completed_at = c.completed_at, processed_at = c.processed_at, result = c.result,
  hand_over = c.hand_over, handed_over_at = NULL
FROM changes c JOIN locked USING (id)
WHERE t.message_id = c.id
  AND (c.seen_version IS NULL OR t.version = c.seen_version)
  AND (c.seen_owner IS NULL OR t.owner = c.seen_owner)
  AND (c.seen_status IS NULL OR t.status = c.seen_status)
RETURNING encode(t.message_id, 'hex') AS key`;

/** Removes hand-overs that were sent. Rows are locked as for `UPDATE`. */
export const CONFIRM = `WITH sent AS MATERIALIZED (
  SELECT decode(c.message_id, 'hex') AS id, c.owner, c.at FROM json_to_recordset($1::json) AS c(message_id text, owner text, at text)
), locked AS MATERIALIZED (
  SELECT t.message_id AS id FROM processed_messages t WHERE t.message_id IN (SELECT id FROM sent)
  ORDER BY t.message_id FOR UPDATE
)
UPDATE processed_messages t SET hand_over = NULL, handed_over_at = s.at
FROM sent s JOIN locked USING (id)
WHERE t.message_id = s.id AND t.owner = s.owner AND t.status = 'done'
RETURNING encode(t.message_id, 'hex') AS key`;

/** A hand-over that was sent. */
export interface Confirmation {
  readonly message_id: string;
  readonly owner: string;
  readonly at: string;
}

/** @throws PermanentError as `keyText` */
export function confirmationOf({ key, owner }: HandOver, at: string): Confirmation {
  return { message_id: keyText(key), owner, at };
}

const RECORD = `encode(message_id, 'hex') AS key, status, fingerprint, owner, fencing_token, lease_until, ttl, sqs_message_id, runs,
  receives, alone_runs, version, hand_over`;
const OF_KEYS = `FROM processed_messages WHERE message_id IN (SELECT decode(k, 'hex') FROM json_array_elements_text($1::json) AS k)`;

/** What decides about jobs. Not the result: it may be large. A hand-over is there only until it is confirmed. */
export const SELECT = `SELECT ${RECORD} ${OF_KEYS}`;
export const SELECT_WHOLE = `SELECT ${RECORD}, type, error, failed_at, retry_at, claimed_at, completed_at, handed_over_at, result ${OF_KEYS}`;

/** @throws PermanentError for a key that no row can have */
export function keyText(key: string): string {
  checkKey(key);
  return Buffer.from(key).toString('hex');
}

/** @throws PermanentError as `keyText` and `resultText` */
export function changeOf(entry: Entry, content: Content): Change {
  const { key, type, fingerprint, owner } = entry;
  const { status, ttl } = content;
  return { message_id: keyText(key), type, fingerprint, owner, status, ttl, ...addedBy(content) };
}

function addedBy(content: Content): Partial<Change> {
  switch (content.status) {
    case 'done':
      return done(content);
    case 'running': {
      const { at, leaseUntil, run } = content;
      const runs = { sqs_message_id: run.messageId, runs: run.runs, alone_runs: run.aloneRuns };
      return { claimed_at: at, lease_until: leaseUntil, ...runs };
    }
    default:
      return { lease_until: 0, ...failed(content) };
  }
}

function done({ at, result, handOver }: DoneContent): Partial<Change> {
  const times = { completed_at: at, processed_at: Math.floor(Date.parse(at) / 1000) };
  const most = bytesBeside(handOver);
  return {
    ...{ lease_until: 0, ...times },
    ...(result !== undefined && { result: resultText(result, most) }),
    ...(handOver !== undefined && { hand_over: handOver }),
  };
}

function failed({ at, attempt }: FailedContent): Partial<Change> {
  const { messageId, receives, runs, error, retryAt } = attempt;
  // A text cannot hold U+0000, and halves of surrogate pairs are no UTF-8.
  const text = error.replaceAll('\0', '\ufffd').toWellFormed();
  return { sqs_message_id: messageId, receives, runs, error: text, retry_at: retryAt, failed_at: at };
}

/** What a replacement found when it read the row. */
export interface Seen {
  readonly owner: string;
  readonly version: string;
}

export function recordOf(row: Row): StoredRecord {
  const owner = String(row.owner);
  return {
    status: row.status as Status,
    fingerprint: String(row.fingerprint),
    owner,
    fencingToken: Number(row.fencing_token),
    leaseUntil: Number(row.lease_until),
    ttl: Number(row.ttl),
    messageId: String(row.sqs_message_id),
    runs: Number(row.runs),
    receives: Number(row.receives),
    aloneRuns: Number(row.alone_runs),
    ...(row.hand_over !== null && { handOver: String(row.hand_over) }),
    version: { owner, version: String(row.version) } satisfies Seen,
  };
}

export function jobRecordOf(row: Row): JobRecord {
  const text = (name: string) => (row[name] === null ? undefined : String(row[name]));
  const result = text('result');
  return {
    ...recordOf(row),
    type: text('type'),
    error: text('error'),
    failedAt: text('failed_at'),
    retryAt: text('retry_at'),
    claimedAt: text('claimed_at'),
    completedAt: text('completed_at'),
    handedOverAt: text('handed_over_at'),
    ...(result !== undefined && { result: JSON.parse(result) }),
  };
}

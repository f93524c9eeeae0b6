import { hash, randomBytes } from 'node:crypto';
import type { Json } from '../job.ts';

/**
 * What a record of the results table says about its job. `done` holds a result. `running` is a lease. `failed` waits
 * for the message's next receive; if it still has a lease, its handler could not be stopped. `dead` ended in the
 * dead-letter queue and may run again.
 */
export type Status = 'running' | 'failed' | 'dead' | 'done';

/** A job as the ledger knows it. */
export interface Entry {
  /** The idempotency key, at most 2,048 bytes. */
  readonly key: string;
  readonly type: string;
  /** Fingerprint of the payload: equal for equal payloads. */
  readonly fingerprint: string;
  /** Unique to this run. It shows that a write was ours, where the answer to it was lost. */
  readonly owner: string;
}

/** The part of a stored record that decides whether a job may run. */
export interface StoredRecord {
  readonly status: Status;
  /** Empty where others wrote the item. */
  readonly fingerprint: string;
  readonly owner: string;
  readonly fencingToken: number;
  /** Milliseconds since the epoch; 0 where there is no lease. */
  readonly leaseUntil: number;
  /** Seconds since the epoch. */
  readonly ttl: number;
  /** SQS's id of the message whose runs are counted; empty where there is none. */
  readonly messageId: string;
  /** Runs of that message that failed. */
  readonly runs: number;
  /** That message's receive count at its last failed run; 0 where the handler could not be stopped. */
  readonly receives: number;
  /** Runs alone that left no outcome. A run that holds the lease now counts, too. */
  readonly aloneRuns: number;
  /** What a job that is done hands over to the next step, where it is not known to be sent; see `HandOver`. */
  readonly handOver?: string | undefined;
  /**
   * Known to the store only. A write that replaces the record uses it to see whether anything has changed that
   * decisions depend on.
   */
  readonly version: unknown;
}

/**
 * A message for the next step that is stored with its job's result, and is not known to be sent. It is sent at least once:
 * whoever finds it sends it, confirms it, and only then acknowledges the message that led to it.
 */
export interface HandOver {
  /** Of the job that hands it over. */
  readonly key: string;
  /** The run that stored it. */
  readonly owner: string;
  /** The message's body. */
  readonly message: string;
}

/** Pure. @returns undefined where the record has nothing to hand over, or it is known to be sent */
export function handOverOf(key: string, { owner, handOver }: StoredRecord): HandOver | undefined {
  return handOver === undefined ? undefined : { key, owner, message: handOver };
}

/** What a lease says about the run that holds it. */
export interface LeasedRun {
  readonly messageId: string;
  /** Failed runs of that message so far. */
  readonly runs: number;
  /** Runs alone without an outcome, this one included; 0 for a run that shared its process. */
  readonly aloneRuns: number;
}

/** What is noted about a failed run. It shows that the job was retried, and did not end its process. */
export interface Attempt {
  readonly messageId: string;
  /** The message's receive count; 0 for a handler that could not be stopped, so that the job runs alone next time. */
  readonly receives: number;
  /** Failed runs of this message, this one included. */
  readonly runs: number;
  /** Class and message of the error. */
  readonly error: string;
  /** When the job is tried again: ISO 8601, UTC. Empty where it is not. */
  readonly retryAt: string;
}

/** What a stored record means for a run that wants to write it. */
export type Standing = 'ours' | 'free' | 'conflict' | 'done' | 'leased';

/**
 * Pure. An expired record counts as absent, whether or not DynamoDB has deleted it yet. The record of a dead job is
 * free for any payload, since none was accepted. Otherwise the first payload keeps the key.
 *
 * Leases compare wall clocks: a worker whose clock is ahead by more than the lease's margin takes over early. Even then
 * the fencing token and the owner let only one of the two complete.
 */
export function standing(stored: StoredRecord, mine: Pick<Entry, 'owner' | 'fingerprint'>, now: number): Standing {
  if (stored.owner === mine.owner) return 'ours';
  if (stored.ttl * 1000 <= now || stored.status === 'dead') return 'free';
  if (stored.fingerprint !== '' && stored.fingerprint !== mine.fingerprint) return 'conflict';
  if (stored.status === 'done') return 'done';
  return stored.leaseUntil > now ? 'leased' : 'free';
}

/**
 * Equal for payloads that are equal as JSON, whatever their key order or white space, and whether or not they name the
 * default type. 22 characters, from 128 bits of SHA-256.
 */
export function payloadFingerprint(type: string, job: Readonly<Record<string, Json>>): string {
  return hash('sha256', `${type}\n${objectText(job, 'type')}`, 'base64url').slice(0, 22);
}

/**
 * Appends to one text. A payload may hold hundreds of thousands of values, and a list of their texts would be one more
 * copy.
 */
function canonical(value: Json): string {
  if (typeof value === 'string') return JSON.stringify(value);
  // As in JSON.stringify: JSON.parse makes infinity of 1e999, and JSON.stringify makes null of that.
  if (typeof value !== 'object' || value === null)
    return Math.abs(value as number) === Number.POSITIVE_INFINITY ? 'null' : String(value);
  if (!Array.isArray(value)) return objectText(value as Readonly<Record<string, Json>>);
  let text = '[';
  for (let i = 0; i < value.length; i++) text += i === 0 ? canonical(value[i]) : `,${canonical(value[i])}`;
  return `${text}]`;
}

function objectText(fields: Readonly<Record<string, Json>>, leftOut?: string): string {
  let text = '{';
  for (const key of Object.keys(fields).sort()) {
    if (key === leftOut) continue;
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${canonical(fields[key] as Json)}`;
  }
  return `${text}}`;
}

/** Names for the runs of one invocation: 72 random bits and a counter. */
export function ownerNames(): () => string {
  const prefix = randomBytes(9).toString('base64url');
  let count = 0;
  return () => `${prefix}.${(count++).toString(36)}`;
}

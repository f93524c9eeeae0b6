import type { SQSRecord } from 'aws-lambda';
import { InvalidJob } from '../failures/errors.ts';
import type { Json } from '../job.ts';
import { endOfJson, nestsDeeperThan } from './json-text.ts';

/** A job as it came in, before its schema has seen it. */
export type RawJob = Readonly<Record<string, Json>>;

/** One SQS record of a batch and the job in it. */
export interface Message {
  readonly record: SQSRecord;
  /** How often SQS has handed this message out, this time included. */
  readonly receiveCount: number;
  /** The job type's name: the queue's default type where the message names none. */
  readonly type: string;
  readonly job: RawJob;
  /** Why there is no job in it; then `job` is empty. */
  readonly invalid?: InvalidJob;
}

/**
 * Lists and objects in each other, at most: far more than any job needs, and few enough for whatever walks a job by
 * recursion. Serde's JSON for Rust draws the line at 128, too; .NET's at 64.
 */
export const MAX_NESTING = 128;

/**
 * What a job type may be called: a name like those of its files. What has this form is logged and quoted as it is, by
 * design, as ids are; what has not is never repeated, since it may be anything.
 */
export const TYPE_NAME = /^[\w.-]{1,64}$/;

/** How `__proto__` may be spelled without its own letters: no encoder escapes these, unless to hide them. */
const SPELLED_PROTO = /\\u00(?:5f|6f|7[024])/i;

/**
 * Reads a record. Never throws: what cannot be a job is noted in `invalid`.
 *
 * @param defaultType of messages that name no type, where the queue has one
 */
export function readMessage(record: SQSRecord, defaultType: string | undefined): Message {
  const receiveCount = Number(record.attributes?.ApproximateReceiveCount ?? 1);
  try {
    const { type, job } = readBody(record.body, defaultType);
    return { record, receiveCount, type, job };
  } catch (error) {
    return { record, receiveCount, type: 'unknown', job: {}, invalid: error as InvalidJob };
  }
}

/**
 * @param defaultType as for `readMessage`
 * @throws InvalidJob when there can be no job in it; its message holds nothing of the body
 */
export function readBody(body: string, defaultType: string | undefined): Pick<Message, 'type' | 'job'> {
  const job = readJob(body);
  const { type = defaultType } = job;
  if (type === undefined) throw new InvalidJob('the job has no "type", and its queue has no default type');
  if (typeof type !== 'string') throw new InvalidJob(`"type" must be a string, not ${kindOf(type)}`);
  if (!TYPE_NAME.test(type)) {
    throw new InvalidJob(
      `"type" is a text of ${type.length} characters that is no job type's name: 1 to 64 of A-Z, a-z, 0-9, "_", "-" and "."`,
    );
  }
  return { type, job };
}

/** @throws InvalidJob as `readBody`; the type may be anything */
export function readJob(body: string): RawJob {
  // Before anything walks it: a stack overflow would look like a failure that passes.
  if (nestsDeeperThan(body, MAX_NESTING)) {
    throw new InvalidJob(`the body is nested deeper than ${MAX_NESTING} levels`);
  }
  const value = parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidJob(`the body must be a JSON object, not ${kindOf(value)}`);
  }
  if (mayHaveProtoKey(body) && hasProtoKey(value)) {
    throw new InvalidJob('the body has a key "__proto__", which no job may have');
  }
  return value as RawJob;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The engine's own message quotes the body.
    const end = endOfJson(body);
    const where =
      end === body.length ? `it ends too soon, after ${end} characters` : `see character ${end} of ${body.length}`;
    throw new InvalidJob(`the body is not JSON: ${where}`);
  }
}

/** What a value is, without saying which: it may be a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function mayHaveProtoKey(body: string): boolean {
  return body.includes('__proto__') || (body.includes('\\u00') && SPELLED_PROTO.test(body));
}

/** JSON.parse makes it an own key, harmless until somebody copies the object by assignment. */
function hasProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasProtoKey);
  if (Object.hasOwn(value, '__proto__')) return true;
  for (const name in value) {
    if (hasProtoKey(value[name as keyof typeof value])) return true;
  }
  return false;
}

import type { SQSRecord } from 'aws-lambda';
import { InvalidJob } from '../failures/errors.ts';
import type { Json } from '../job.ts';
import { endOfJson, nestsDeeperThan } from './json-text.ts';

/** A job as it arrived, before it is validated. */
export type RawJob = Readonly<Record<string, Json>>;

/** One SQS record of a batch, and the job in it. */
export interface Message {
  readonly record: SQSRecord;
  /** How often SQS has handed out this message, this receive included. */
  readonly receiveCount: number;
  /** The job type's name: the queue's default type where the message names none. */
  readonly type: string;
  readonly job: RawJob;
  /** Why the record holds no job; `job` is then empty. */
  readonly invalid?: InvalidJob;
}

/**
 * The deepest nesting of lists and objects. It is far more than any job needs, and little enough for code that walks a
 * job by recursion. Serde's JSON for Rust has the same limit, 128; .NET has 64.
 */
export const MAX_NESTING = 128;

/**
 * The form of a job type's name, which is also the name of its files. A type of this form is logged and quoted
 * unchanged, on purpose, as ids are. Any other text is never repeated, because it may be anything.
 */
export const TYPE_NAME = /^[\w.-]{1,64}$/;

/** Escapes that may spell `__proto__`. No encoder escapes these letters, unless to hide them. */
const SPELLED_PROTO = /\\u00(?:5f|6f|7[024])/i;

/**
 * Reads a record. It never throws: a record without a job has the reason in `invalid`.
 *
 * @param defaultType the type of messages that name none, where the queue has one
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
 * @throws InvalidJob when the body holds no job; its message holds no text of the body, but for a valid type name
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
  // Checked before any code walks the body. A stack overflow there would look like a failure that passes.
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
    // The engine's own message is not used, because it quotes the body.
    const end = endOfJson(body);
    const where =
      end === body.length ? `it ends too soon, after ${end} characters` : `see character ${end} of ${body.length}`;
    throw new InvalidJob(`the body is not JSON: ${where}`);
  }
}

/** The kind of a value, not the value itself, which may be a secret. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function mayHaveProtoKey(body: string): boolean {
  return body.includes('__proto__') || (body.includes('\\u00') && SPELLED_PROTO.test(body));
}

/** JSON.parse makes `__proto__` an own key. That is harmless until code copies the object by assignment. */
function hasProtoKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasProtoKey);
  if (Object.hasOwn(value, '__proto__')) return true;
  for (const name in value) {
    if (hasProtoKey(value[name as keyof typeof value])) return true;
  }
  return false;
}

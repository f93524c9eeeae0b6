import { hash, randomUUID } from 'node:crypto';
import { readBody } from '../../../src/queues/message.ts';
import type { Runs } from '../../../src/queues/parse-job.ts';
import { jobOfLetter } from '../../dead-letters/reading/job-of-letter.ts';

/** A message as it goes out. */
export interface Outgoing {
  readonly body: string;
  /** The job's idempotency key, which is its id in the results table; undefined where it was not looked at. */
  readonly key?: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** Of the payload that the body points to; undefined where the body is the job. */
  readonly payloadBytes?: number;
}

export interface Rules {
  /** What consumes the messages, by the name of its queue. Each must be a job for all of them. */
  readonly consumers: ReadonlyMap<string, Runs>;
  /** The type that every job must have; a job that names none gets it. Without it each job says its own. */
  readonly type: string | undefined;
  readonly fifo: boolean;
  /** Every message's group; on a standard queue the tenant of a fair queue. */
  readonly group?: string;
  /** The field of the job that holds its group. */
  readonly groupField?: string;
  /** Sends what it is given, whatever that is. */
  readonly unchecked: boolean;
}

export type Checked =
  | { readonly message: Outgoing; readonly problem?: undefined }
  | { readonly message?: undefined; readonly problem: string };

/** What SQS takes as a deduplication id [API reference]. */
const DEDUPLICATION_ID = /^[!-~]{1,128}$/;

/** How large a line may be, as a message or as the payload of one. */
export interface Room {
  readonly bytes: number;
  /** Whose limit it is, for a line that is larger. */
  readonly limit: string;
}

/** Whether a line may be sent, and as what. Pure, but for the random deduplication ids of unchecked lines. */
export function check(line: string, rules: Rules, room: Room): Checked {
  if (Buffer.byteLength(line) > room.bytes) return { problem: `it is larger than ${room.limit}` };
  if (rules.unchecked) return inGroup(line, randomUUID(), undefined, rules);
  const [[, first] = [], ...others] = rules.consumers;
  if (!first) return { problem: 'no queue of this checkout subscribes to the topic: pass --unchecked to publish it' };
  const body = withType(line, rules.type, first.defaultType);
  if (body.problem !== undefined) return body;
  const job = jobOfLetter(body.text, first);
  if (job.problem !== undefined) return job;
  for (const [name, runs] of others) {
    const { problem } = jobOfLetter(body.text, runs);
    if (problem !== undefined) return { problem: `the consumer ${name} would not take it: ${problem}` };
  }
  const id = DEDUPLICATION_ID.test(job.key) ? job.key : hash('sha256', job.key);
  return inGroup(body.text, id, job.key, rules);
}

/** The line with the type in front where it names none; otherwise as it is, byte for byte. */
function withType(
  line: string,
  wanted: string | undefined,
  defaultType: string | undefined,
): { text: string; problem?: undefined } | { problem: string } {
  if (wanted === undefined) return { text: line };
  try {
    const { type, job } = readBody(line, defaultType ?? wanted);
    if (type === wanted && (job.type !== undefined || defaultType === wanted)) return { text: line };
    if (job.type !== undefined) return { problem: `its type is "${type}", and not "${wanted}"` };
    const inside = line.trimStart().slice(1).trimStart();
    return { text: `{"type":${JSON.stringify(wanted)}${inside.startsWith('}') ? '' : ','}${inside}` };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function inGroup(body: string, id: string, key: string | undefined, rules: Rules): Checked {
  const groupId = rules.groupField === undefined ? rules.group : (fieldOf(body, rules.groupField) ?? rules.group);
  if (groupId === undefined && rules.fifo) {
    return { problem: `it has no field "${rules.groupField}" that holds its message group` };
  }
  return {
    message: {
      body,
      ...(key !== undefined && { key }),
      ...(groupId !== undefined && { groupId }),
      ...(rules.fifo && { deduplicationId: id }),
    },
  };
}

/** A field's text or number; undefined where there is none, or no object. */
function fieldOf(body: string, field: string): string | undefined {
  try {
    const value = (JSON.parse(body) as Record<string, unknown> | null)?.[field];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  } catch {
    return undefined;
  }
}

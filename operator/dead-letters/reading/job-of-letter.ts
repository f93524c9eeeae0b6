import type { AnyJobType } from '../../../src/job.ts';
import { payloadFingerprint } from '../../../src/ledger/record.ts';
import { readBody } from '../../../src/queues/message.ts';
import { DEFAULT_TYPE } from '../../default-type.ts';
import { oneLine } from '../../output/printable.ts';

/** The job in a letter as today's code would run it, or why it would not. */
export type JobOfLetter =
  | { readonly key: string; readonly fingerprint: string; readonly problem?: undefined }
  | { readonly problem: string };

/** DynamoDB's limit for a partition key, bytes. */
const MAX_KEY_BYTES = 2_048;
const MAX_TYPE = 100;

/** Characters of the body that a problem quotes. */
const MOST_QUOTED = 300;

/**
 * Pure and total. What the worker's own chain checks before it runs a job: JSON, a known type, its schema, a usable
 * key. A problem is one line, and harmless to print.
 */
export function jobOfLetter(body: string, jobs: ReadonlyMap<string, AnyJobType>): JobOfLetter {
  try {
    return jobIn(body, jobs);
  } catch (error) {
    // Also a stack overflow: what is nested too deeply for us is no job.
    return problem(error instanceof Error ? error.message : String(error));
  }
}

/** @throws InvalidJob and whatever a job type's `key` throws */
function jobIn(body: string, jobs: ReadonlyMap<string, AnyJobType>): JobOfLetter {
  const { type, job } = readBody(body, DEFAULT_TYPE);
  const known = jobs.get(type);
  if (!known) return problem(`there is no job type "${oneLine(type, MAX_TYPE)}"`);
  if (!known.schema(job)) return problem(firstProblem(known));
  const key = known.key(job);
  // The table refuses such a key, and with it the request for a hundred others.
  if (key === '' || !key.isWellFormed()) return problem('its key is empty, or no text');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return problem('its key is longer than DynamoDB takes');
  return { key, fingerprint: payloadFingerprint(type, job) };
}

function problem(text: string): JobOfLetter {
  return { problem: oneLine(text, MOST_QUOTED) };
}

function firstProblem({ schema }: AnyJobType): string {
  const [error] = schema.errors ?? [];
  return `${error?.instancePath || 'the job'} ${error?.message ?? 'does not satisfy its schema'}`;
}

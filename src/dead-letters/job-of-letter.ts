import type { AnyJobType } from '../job.ts';
import { payloadFingerprint } from '../ledger/record.ts';
import { readBody } from '../message.ts';

/** The job in a letter as today's code would run it, or why it would not. */
export type JobOfLetter =
  | { readonly key: string; readonly fingerprint: string; readonly problem?: undefined }
  | { readonly problem: string };

/** DynamoDB's limit for a partition key, bytes. */
const MAX_KEY_BYTES = 2_048;

/** Pure. What the worker's own chain checks before it runs a job: JSON, a known type, its schema, a usable key. */
export function jobOfLetter(body: string, jobs: ReadonlyMap<string, AnyJobType>): JobOfLetter {
  let read: ReturnType<typeof readBody>;
  try {
    read = readBody(body);
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const { type, job } = read;
  const known = jobs.get(type);
  if (!known) return { problem: `there is no job type "${type}"` };
  if (!known.schema(job)) return { problem: firstProblem(known) };
  const key = known.key(job);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return { problem: 'its key is longer than DynamoDB takes' };
  return { key, fingerprint: payloadFingerprint(type, job) };
}

function firstProblem({ schema }: AnyJobType): string {
  const [error] = schema.errors ?? [];
  return `${error?.instancePath || 'the job'} ${error?.message ?? 'does not satisfy its schema'}`;
}

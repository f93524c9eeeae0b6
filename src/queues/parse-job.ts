import { InvalidJob } from '../failures/errors.ts';
import type { AnyJobType } from '../job.ts';
import { payloadFingerprint } from '../ledger/record.ts';
import { keyOf } from './job-key.ts';
import { type RawJob, readBody } from './message.ts';
import { invalidJob } from './schema-problems.ts';

/** What a queue's consumer runs. */
export interface Runs {
  readonly jobs: ReadonlyMap<string, AnyJobType>;
  /** The type of messages that name none; undefined where each message must name its own. */
  readonly defaultType: string | undefined;
}

/** A job that the worker would run. */
export interface ParsedJob {
  readonly type: string;
  readonly job: RawJob;
  /** The idempotency key. */
  readonly key: string;
  /** Fingerprint of the payload: see `payloadFingerprint`. */
  readonly fingerprint: string;
}

/**
 * Reads a message's body as the worker would. The record chain takes the same steps, one by one.
 *
 * @throws InvalidJob that says why the worker would not run it; any error of a job type's `key`
 */
export function parseJob(body: string, { jobs, defaultType }: Runs): ParsedJob {
  const { type, job } = readBody(body, defaultType);
  const known = jobs.get(type);
  if (!known) throw unknownType(type, jobs.keys());
  if (!known.schema(job)) throw invalidJob(type, known.schema.errors ?? [], job);
  return { type, job, key: keyOf(known, job), fingerprint: payloadFingerprint(type, job) };
}

/** @param names names of the job types that this worker runs */
export function unknownType(type: string, names: Iterable<string>): InvalidJob {
  return new InvalidJob(`there is no job type "${type}"; this worker runs ${[...names].join(', ')}`);
}

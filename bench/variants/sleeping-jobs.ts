import { setTimeout as delay } from 'node:timers/promises';
import type { ValidateFunction } from 'ajv';
import { type AnyJobType, defineJob } from '../../src/job.ts';

interface Sleep {
  readonly job_id: string;
  readonly value: number;
  /** How long the job takes, in milliseconds. */
  readonly ms: number;
}

/** How long each job really took, by its id, because a timer of 20 ms takes 21. */
declare global {
  var sluiceBenchJobMs: Map<string, number> | undefined;
}
const jobMs = new Map<string, number>();
globalThis.sluiceBenchJobMs = jobMs;

const anything = (() => true) as unknown as ValidateFunction<Sleep>;

const sleep = (claims: boolean) =>
  defineJob<Sleep>({
    schema: anything,
    key: (job) => job.job_id,
    claims,
    async handle({ job_id, ms, value }, { signal }) {
      const started = performance.now();
      await delay(ms, undefined, { signal });
      jobMs.set(job_id, performance.now() - started);
      return value * 3;
    },
  });

/** Replaces the service's own job types. So the function, engine and ledger are real, with jobs of known length. */
export const jobs = new Map<string, AnyJobType>([
  ['triple', sleep(false)],
  ['claimed', sleep(true)],
]);

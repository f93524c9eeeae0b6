import type { JobContext, Json } from '../job.ts';
import type { RawJob } from '../message.ts';

/** Runs one job's handler where nothing it does to its process reaches this one. */
export interface Sandbox {
  /** @throws KilledItsProcess where the job ended what it ran in; else as the handler */
  run(type: string, job: RawJob, context: JobContext<unknown>): Promise<Json>;
}

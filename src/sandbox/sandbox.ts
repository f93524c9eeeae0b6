import type { JobContext, Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';

/** Runs one job's handler where nothing it does to its process reaches this one. One job at a time. */
export interface Sandbox {
  /** Gets it ready before it is needed. */
  prepare(): void;
  /**
   * @throws KilledItsProcess where the job ended what it ran in, SandboxUnavailable where there is none to be had; else what
   * the handler throws
   */
  run(type: string, job: RawJob, context: JobContext<unknown>): Promise<Json>;
  /** Ends what may still run. */
  close(): void;
}

/** There is nothing to run a job in but this process. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
}

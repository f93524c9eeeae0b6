import type { JobContext, Json } from '../job.ts';
import type { RawJob } from '../queues/message.ts';

/** Runs one job's handler in a process of its own, so that the handler cannot end this process. One job at a time. */
export interface Sandbox {
  /** Starts the process before it is needed. */
  prepare(): void;
  /**
   * @throws KilledItsProcess where the job ended its process, SandboxUnavailable where no process can be started; else
   *   what the handler throws
   */
  run(type: string, job: RawJob, context: JobContext<unknown>): Promise<Json>;
  /** Ends the process, with anything that still runs in it. */
  close(): void;
}

/** No process could be started. The job can only run in this process. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
}

import type { Job } from './event.ts';

/** What is in the tables after the last answer. */
export interface Stored {
  readonly results: ReadonlyMap<string, number>;
  /** Jobs whose result was written more than once. */
  readonly doubles: number;
}

/** The speed counts only if all of these are zero. */
export interface Mistakes {
  readonly failed: number;
  /** Results that are missing or wrong although their job was not reported as failed. */
  readonly lost: number;
  readonly doubles: number;
  /** Results of jobs that were not sent. */
  readonly strangers: number;
}

/** Whether every job has its result exactly once and nothing else is stored. @param failed message ids, `m-<job_id>` */
export function mistakes(sent: readonly Job[], failed: ReadonlySet<string>, { results, doubles }: Stored): Mistakes {
  const known = new Set(sent.map(({ job_id }) => job_id));
  const isLost = ({ job_id, value }: Job) => !failed.has(`m-${job_id}`) && results.get(job_id) !== value * 3;
  return {
    failed: failed.size,
    lost: sent.filter(isLost).length,
    doubles,
    strangers: [...results.keys()].filter((id) => !known.has(id)).length,
  };
}

export function isRight({ failed, lost, doubles, strangers }: Mistakes): boolean {
  return failed + lost + doubles + strangers === 0;
}

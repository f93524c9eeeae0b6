import type { Job } from './event.ts';

/** What lies in the tables once all is answered. */
export interface Stored {
  readonly results: ReadonlyMap<string, number>;
  /** Jobs whose result was written more than once. */
  readonly doubles: number;
}

/** All zero, or the speed counts for nothing. */
export interface Mistakes {
  readonly failed: number;
  /** Results that are missing or wrong although their job was not reported as failed. */
  readonly lost: number;
  readonly doubles: number;
  /** Results of jobs that nobody sent. */
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

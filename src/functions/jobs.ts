import { jobs } from '#jobs';
import { createHandler } from '../chains/batch.ts';

/** Runs the jobs of the queue `jobs`: every job type there is. */
export const handler = createHandler({ jobs });

import { jobs } from '#jobs';
import { createHandler } from '../chains/batch.ts';

/** Consumes the queue `jobs`, and runs every job type that there is. */
export const handler = createHandler({ jobs });

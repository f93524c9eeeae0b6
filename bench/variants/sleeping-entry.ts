import { jobs } from './sleeping-jobs.ts';

/** Stands in for the job type of `src/functions/entries.ts`. */
export default jobs.get('triple');

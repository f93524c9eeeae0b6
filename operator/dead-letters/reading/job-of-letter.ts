import { type ParsedJob, parseJob, type Runs } from '../../../src/queues/parse-job.ts';
import { oneLine } from '../../output/printable.ts';

/** The job in a letter as today's code would run it, or why it would not. */
export type JobOfLetter =
  | (Pick<ParsedJob, 'type' | 'key' | 'fingerprint'> & { readonly problem?: undefined })
  | { readonly problem: string };

/** Characters of a problem. */
const MOST = 300;

/** Pure and total: `parseJob`, whose error is a problem on one line that is harmless to print. */
export function jobOfLetter(body: string, runs: Runs): JobOfLetter {
  try {
    const { type, key, fingerprint } = parseJob(body, runs);
    return { type, key, fingerprint };
  } catch (error) {
    // Also a stack overflow: what is nested too deeply for us is no job.
    return { problem: oneLine(error instanceof Error ? error.message : String(error), MOST) };
  }
}

import { isPointer, notedSize, parsePointer } from '../../../src/payloads/pointer.ts';
import { type ParsedJob, parseJob, type Runs } from '../../../src/queues/parse-job.ts';
import { oneLine } from '../../output/printable.ts';
import type { RunsOfQueue } from '../../stage/runs.ts';
import type { DeadLetter } from './letter.ts';

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
    return problemOf(error);
  }
}

/** The same; of a letter that points to a payload in S3, the job in the payload. It never rejects. */
export async function jobInLetter(
  letter: Pick<DeadLetter, 'body' | 'attributes' | 'reason'>,
  runs: RunsOfQueue,
): Promise<JobOfLetter> {
  const { body, attributes, reason } = letter;
  if (!isPointer(body)) return jobOfLetter(body, runs);
  try {
    const bucket = await runs.payloads?.();
    if (!bucket) return { problem: NO_PAYLOADS };
    const size = notedSize((name) => attributes[name]?.StringValue ?? reason?.overflow?.[name]?.stringValue);
    return await bucket.read(parsePointer(body), size, (text) => jobOfLetter(text, runs));
  } catch (error) {
    return problemOf(error);
  }
}

const NO_PAYLOADS =
  "it points to a payload in S3, and its queue's consumer reads none, or cannot be asked: see docs/large-payloads.md";

function problemOf(error: unknown): { readonly problem: string } {
  return { problem: oneLine(error instanceof Error ? error.message : String(error), MOST) };
}

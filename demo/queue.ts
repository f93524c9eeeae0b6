import { setTimeout as delay } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Counts, countsOf } from '../operator/stage/counts.ts';

const POLL_MS = 200;
/** SQS counts approximately, so only several zeros in a row count as zero. */
export const ZEROS = 3;

export function total({ waiting, inFlight, delayed }: Counts): number {
  return waiting + inFlight + delayed;
}

/**
 * Waits until a queue is empty, or until `signal` aborts.
 *
 * @param onDepth receives each count
 * @param unsent returns how many messages are still to come; while there are any, an empty queue is not the end
 * @returns the last count: all zero, unless the time was over
 */
export async function drained(
  sqs: SQSClient,
  queueUrl: string,
  signal: AbortSignal,
  { onDepth, unsent }: { onDepth: (depth: Counts) => void; unsent: () => number },
): Promise<Counts> {
  for (let zeros = 0; ; ) {
    const depth = await countsOf(sqs, queueUrl);
    onDepth(depth);
    zeros = total(depth) + unsent() === 0 ? zeros + 1 : 0;
    if (zeros === ZEROS || signal.aborted) return depth;
    await delay(POLL_MS);
  }
}

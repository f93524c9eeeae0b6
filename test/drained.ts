import { setTimeout as delay } from 'node:timers/promises';

/** Nothing has left a queue for so long, milliseconds: several visibility timeouts of the stage `test`. */
const STUCK_MS = 90_000;

/** Waits until a queue is empty, however long that takes on a busy machine, as long as messages go on leaving it. */
export async function drained(count: () => Promise<number>): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let since = performance.now();
  for (;;) {
    const left = await count();
    if (left === 0) return;
    if (left < least) since = performance.now();
    least = Math.min(least, left);
    if (performance.now() - since > STUCK_MS)
      throw new Error(`${left} messages are still on the queue, and none leaves it`);
    await delay(250);
  }
}

/** `WORKER_CONCURRENCY` of the stage `test`. */
const JOBS_AT_ONCE = 10;

/**
 * Jobs whose invocation had too little time on a busy machine, at most, by what the function has logged. What such a job has sent
 * before its result could be stored, it sends again.
 */
export function jobsOutOfTime(lines: readonly string[]): number {
  let jobs = 0;
  for (const line of lines) {
    if (line.includes('Task timed out')) jobs += JOBS_AT_ONCE;
    if (!line.includes('"batch_processed"')) continue;
    const { verdicts, unfinished } = JSON.parse(line).details;
    jobs += verdicts.deferred + verdicts.retry + unfinished;
  }
  return jobs;
}

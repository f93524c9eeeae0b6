import type { QueueStrategy } from './queue-strategy.ts';
import { redeliver, requeue, settling, standardQueue } from './standard-queue.ts';

/** How often a job runs before and after its message waits in the retry queue. */
export interface RetryPlan {
  /** Failed runs after which a job goes to the retry queue, at least 1. */
  readonly after: number;
  /** Runs that it has there, at least 1. */
  readonly attempts: number;
  /** The least wait before each of those, in seconds, at most 900. */
  readonly delay: number;
}

/**
 * A standard queue with a retry queue beside it. Only `retry` differs:
 *
 * | failed runs | action on `retry` |
 * | --- | --- |
 * | fewer than `after` | as on a standard queue: the job type's back-off, fast |
 * | `after` and more, on the main queue | copied to the retry queue with its count, then acknowledged |
 * | `after` and more, on the retry queue | comes back to it, after its delay at least |
 *
 * Where SQS refuses the copy, the message stays on the main queue, waits as long, and tries again there. So a job has
 * `after + attempts` runs in all, whatever becomes of its copies, and then is dead. The receives of neither queue limit
 * them, because the copies carry the count.
 */
export function delayedRetryQueue({ after, attempts: more, delay }: RetryPlan): QueueStrategy {
  return {
    ...standardQueue,
    // A job type with fewer runs than that is one that should not be repeated so often, and is dead sooner.
    lastRun: (attempts) => (attempts < after ? attempts : after + more),
    leastWaitMs: (runs) => (runs < after ? 0 : delay * 1000),
    settle: settling(async (message, redelivery, queue) => {
      const { sendToRetryQueue } = queue;
      if (sendToRetryQueue && redelivery.runs >= after) {
        const moved = await requeue(message, redelivery, queue, { send: sendToRetryQueue, counted: 'delayed' });
        if (moved !== undefined) return moved;
      }
      return await redeliver(message, redelivery, queue);
    }),
  };
}

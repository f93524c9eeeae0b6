import { MAX_REQUEUED_MS } from '../../../src/queues/requeued.ts';
import type { Model, Queue } from '../model.ts';

/** For how long the worker may return a message to its queue as a copy. Nothing is requeued on a FIFO queue. */
export const requeuedSeconds = (queue: Queue): number => (queue.fifo ? 0 : MAX_REQUEUED_MS / 1000);

/**
 * A queue, its retry queue and the dead-letter queues behind it, each once.
 *
 * @param retryQueue logical id; undefined where there is none
 */
export function pathOf({ queues }: Model, queue: Queue, retryQueue?: string): Queue[] {
  const path = new Set([queue]);
  const retries = queues.get(retryQueue ?? '');
  if (retries) path.add(retries);
  for (
    let next = queues.get(queue.redrive?.target ?? '');
    next && !path.has(next);
    next = queues.get(next.redrive?.target ?? '')
  ) {
    path.add(next);
  }
  return [...path];
}

/**
 * After so many seconds a message may still return: it is requeued for four days, waits for as long as its queue keeps it, and
 * then for as long as each dead-letter queue does. Further redrives do not count.
 *
 * @param path of `pathOf`
 */
export function returnsWithin(path: readonly Queue[]): number {
  const [queue] = path;
  const requeued = queue ? requeuedSeconds(queue) : 0;
  return path.reduce((sum, { retentionSeconds }) => sum + retentionSeconds, requeued);
}

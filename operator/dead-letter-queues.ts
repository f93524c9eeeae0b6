import { UsageError } from './command.ts';
import { selectQueues } from './discovery.ts';
import type { QueueOfStage, Stage } from './stage.ts';

/** A queue that has a dead-letter queue. */
export type QueueWithDeadLetters = QueueOfStage & { readonly deadLetters: { readonly url: string } };

/**
 * The queues whose dead letters a command works on.
 *
 * @param wanted as `selectQueues` takes it
 * @throws UsageError when there is no such queue, or it has no dead-letter queue
 */
export async function selectDeadLetterQueues(
  stage: Stage,
  wanted: string | undefined,
): Promise<QueueWithDeadLetters[]> {
  const queues = await selectQueues(stage, wanted);
  const found = queues.filter((queue): queue is QueueWithDeadLetters => queue.deadLetters !== undefined);
  if (wanted === undefined || found.length > 0) return found;
  throw new UsageError(`${wanted} has no dead-letter queue: name the queue whose RedrivePolicy points to one`);
}

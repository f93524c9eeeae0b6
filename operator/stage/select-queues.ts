import { UsageError } from '../ending/exit.ts';
import { oneLine } from '../output/printable.ts';
import { arrange, lastPart, readQueue, urlOf } from './discovery.ts';
import { declaredName } from './runs.ts';
import type { QueueOfStage, Stage } from './stage.ts';

/**
 * The queues that a command works on: all of the stage, or the one that `--queue` names.
 *
 * @param wanted a short name (`jobs`; of a FIFO queue also without `.fifo`), a full one (`sluice-local-jobs`) or a URL, of the queue or of its DLQ; a URL may be
 *   that of a queue outside of the stage
 * @throws UsageError when the stage has no such queue
 */
export async function selectQueues(stage: Stage, wanted: string | undefined): Promise<readonly QueueOfStage[]> {
  if (wanted === undefined) return stage.queues;
  const known = stage.queues.filter(
    (queue) =>
      queue.name === wanted ||
      declaredName(queue) === wanted ||
      [queue, queue.deadLetters].some((it) => it?.url === wanted || lastPart(it?.arn) === wanted),
  );
  if (known.length > 0) return known;
  if (!/^https?:/.test(wanted)) {
    const names = stage.queues.map(({ name }) => name).join(', ');
    throw new UsageError(
      `the stage ${stage.name} has no queue "${oneLine(wanted, 100)}"; it has: ${names}. Any queue's URL will do too`,
    );
  }
  const foreign = await readQueue(stage.sqs, wanted);
  return arrange([foreign], '', (arn) => urlOf(stage.sqs, arn));
}

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
  throw new UsageError(
    `${wanted} has no dead-letter queue of its own: name the queue whose RedrivePolicy points to one; of a retry queue, its main queue`,
  );
}

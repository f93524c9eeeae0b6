import type { Destination } from '../../dead-letters/files/import.ts';
import { UsageError } from '../../ending/exit.ts';
import { selectDeadLetterQueues, selectQueues } from '../../stage/select-queues.ts';
import type { Stage } from '../../stage/stage.ts';

/**
 * Where the letters of each queue go: to its dead-letter queue, or all to the queue that `--to` names.
 *
 * @throws UsageError where there is no such queue
 */
export async function destinationsOf(
  stage: Stage,
  queues: ReadonlySet<string>,
  to: string | undefined,
): Promise<Map<string, Destination>> {
  const one = to === undefined ? undefined : await destinationCalled(stage, to);
  const found = [...queues].map(async (queue): Promise<[string, Destination]> => {
    if (one) return [queue, one];
    const [{ deadLetters, fifo } = NONE] = await selectDeadLetterQueues(stage, queue);
    return [queue, { url: deadLetters.url, fifo }];
  });
  return new Map(await Promise.all(found));
}

const NONE = { deadLetters: { url: '' }, fifo: false };

/** The queue itself, or its dead-letter queue where that is what was named. */
async function destinationCalled(stage: Stage, wanted: string): Promise<Destination> {
  const [queue] = await selectQueues(stage, wanted);
  if (!queue) throw new UsageError(`there is no queue ${wanted}`);
  const { deadLetters, fifo, url } = queue;
  const meansDead = deadLetters && (deadLetters.url === wanted || deadLetters.arn.endsWith(`:${wanted}`));
  return { url: meansDead ? deadLetters.url : url, fifo };
}

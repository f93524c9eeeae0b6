import { consumerVariables } from '../../stage/consumer-variables.ts';
import type { QueueOfStage, Stage } from '../../stage/stage.ts';

const DAY_MS = 86_400_000;

/**
 * For how long the queue's consumer keeps results, in milliseconds; undefined where there is no consumer, or whoever
 * runs this may not look at it: then only `--max-age` knows what is too old.
 */
export async function resultTtlMs(stage: Pick<Stage, 'lambda'>, queue: QueueOfStage): Promise<number | undefined> {
  const days = Number((await consumerVariables(stage, queue))?.RESULT_TTL_DAYS);
  return days > 0 ? days * DAY_MS : undefined;
}

import { jobs } from '#jobs';
import { queues } from '#queues';
import type { Runs } from '../../src/queues/parse-job.ts';
import type { QueueOfStage } from './stage.ts';

/**
 * What this checkout's consumer of a queue would run: every job type, and the default type that serverless.yml declares for the
 * queue of this name. A queue that is declared elsewhere is taken for one like the first that is declared here.
 */
export function runsOf({ name }: Pick<QueueOfStage, 'name'>): Runs {
  const declaration = queues.get(name) ?? queues.values().next().value;
  return { jobs, defaultType: declaration?.defaultType };
}

import { jobs } from '#all-jobs';
import { queues } from '#queues';
import type { Runs } from '../../src/queues/parse-job.ts';
import type { QueueOfStage } from './stage.ts';

/**
 * What this checkout's consumer of a queue would run: its job types and the default type, as serverless.yml declares the queue
 * of this name. A queue that is declared elsewhere is taken for one like the first that is declared here.
 */
export function runsOf(queue: Pick<QueueOfStage, 'name'>): Runs {
  const declaration = queues.get(declaredName(queue)) ?? queues.values().next().value;
  if (!declaration) return { jobs, defaultType: undefined };
  const { defaultType, jobTypes } = declaration;
  return { jobs: new Map([...jobs].filter(([type]) => jobTypes.includes(type))), defaultType };
}

/** The name of a queue's entry in serverless.yml. That of a FIFO queue has no ending. */
export function declaredName({ name }: Pick<QueueOfStage, 'name'>): string {
  return name.replace(/\.fifo$/, '');
}

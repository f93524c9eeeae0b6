import { jobs } from '#all-jobs';
import { queues } from '#queues';
import type { Runs } from '../../src/queues/parse-job.ts';
import { once } from './once.ts';
import { type PayloadBucket, payloadBucketOf } from './payload-bucket.ts';
import type { QueueOfStage, Stage } from './stage.ts';

/** What a consumer runs, and where its payloads are. */
export interface RunsOfQueue extends Runs {
  /** Asked for where a body points to a payload. Undefined where the consumer reads none. */
  readonly payloads?: () => Promise<PayloadBucket | undefined>;
}

/**
 * What this checkout's consumer of a queue would run: its job types and the default type, as serverless.yml declares the queue
 * of this name; a retry queue has its main queue's. A queue that is declared elsewhere is taken for one like the first that is
 * declared here.
 *
 * @param stage where the queue's consumer is, for payloads
 */
export function runsOf(queue: Pick<QueueOfStage, 'name' | 'arn'>, stage: Pick<Stage, 'lambda' | 's3'>): RunsOfQueue {
  return { ...declaredRunsOf(queue), payloads: once(() => payloadBucketOf(stage, queue)) };
}

/** What the queues that this checkout subscribes to a topic run, by the queue's name. */
export function subscribersOf(topic: string): ReadonlyMap<string, Runs> {
  const names = [...queues].flatMap(([name, declared]) => (declared.topic === topic ? [name] : []));
  return new Map(names.map((name) => [name, declaredRunsOf({ name })]));
}

function declaredRunsOf(queue: Pick<QueueOfStage, 'name'>): Runs {
  const name = declaredName(queue);
  const declaration = queues.get(name) ?? queues.get(name.replace(/-retry$/, '')) ?? queues.values().next().value;
  if (!declaration) return { jobs, defaultType: undefined };
  const { defaultType, jobTypes } = declaration;
  return { jobs: new Map([...jobs].filter(([type]) => jobTypes.includes(type))), defaultType };
}

/** The name of a queue's entry in serverless.yml. That of a FIFO queue has no ending. */
export function declaredName({ name }: Pick<QueueOfStage, 'name'>): string {
  return name.replace(/\.fifo$/, '');
}

import middy from '@middy/core';
import { type EnvironmentReader, NEXT_QUEUE_URL } from '../env.ts';
import type { AnyJobType, JobContext, Json } from '../job.ts';
import { type RawJob, TYPE_NAME } from '../queues/message.ts';

/** Job types by name. */
export type JobTypes = ReadonlyMap<string, AnyJobType> | Readonly<Record<string, AnyJobType>>;

/** A job type, with the settings that it read at the cold start. */
export interface ConfiguredJob {
  readonly type: AnyJobType;
  readonly settings: unknown;
  /** Runs its handler inside the job type's own middlewares. */
  run(job: RawJob, context: JobContext<unknown>): Json | Promise<Json>;
}

export type ConfiguredJobs = ReadonlyMap<string, ConfiguredJob>;

/** Reads the settings of each type. Problems are collected by the reader. */
export function configureJobs(types: JobTypes, variables: EnvironmentReader): ConfiguredJobs {
  const entries = types instanceof Map ? [...types] : Object.entries(types);
  if (entries.length === 0) variables.problem('createHandler was given no job types: pass them as { jobs }');
  for (const [name] of entries) {
    if (TYPE_NAME.test(name)) continue;
    variables.problem(`createHandler was given the job type "${name}", and a name is 1 to 64 of A-Z a-z 0-9 _ . -`);
  }
  for (const [name, { namespace }] of entries) {
    if (namespace === undefined || TYPE_NAME.test(namespace)) continue;
    variables.problem(
      `the job type "${name}" has the namespace "${namespace}", and one is 1 to 64 of A-Z a-z 0-9 _ . -`,
    );
  }
  checkHandOvers(entries, variables);
  return new Map(entries.map(([name, type]) => [name, configured(type, type.settings(variables))]));
}

/** What is handed over needs a place to go, and a place to go needs somebody who hands over. */
function checkHandOvers(types: readonly (readonly [string, AnyJobType])[], variables: EnvironmentReader): void {
  const handingOver = types.filter(([, { handOver }]) => handOver).map(([name]) => name);
  const hasNext = variables.optional(NEXT_QUEUE_URL) !== undefined;
  if (handingOver.length > 0 && !hasNext) {
    variables.problem(
      `${NEXT_QUEUE_URL} is not set, and the job type "${handingOver[0]}" has a handOver: name the next queue as "next" where ` +
        `serverless.yml or its pattern declares this function's queue, or take handOver out of the job type`,
    );
  }
  if (handingOver.length === 0 && hasNext) {
    variables.problem(
      `${NEXT_QUEUE_URL} is set, and no job type of this function has a handOver: add one, or take "next" out of the queue's declaration`,
    );
  }
}

export function configured(type: AnyJobType, settings: unknown): ConfiguredJob {
  return { type, settings, run: withMiddlewares(type) };
}

/** Without middlewares the handler is called directly, because a Middy chain would cost time. */
function withMiddlewares(type: AnyJobType): ConfiguredJob['run'] {
  if (type.middlewares.length === 0) return (job, context) => type.handle(job, context);
  return middy<RawJob, Json, Error, JobContext<unknown>>({ timeoutEarlyInMillis: 0 })
    .use([...type.middlewares])
    .handler((job: RawJob, context: JobContext<unknown>) => type.handle(job, context));
}

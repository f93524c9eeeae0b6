import middy from '@middy/core';
import { Destinations } from '../engine/destinations.ts';
import type { Run } from '../engine/run.ts';
import { isPromiseLike } from '../engine/run-batch.ts';
import type { AFTER_ALL_OTHERS, Verdict } from '../engine/verdict.ts';
import type { AnyJobType, JobContext, Json } from '../job.ts';
import { classification } from '../middleware/record/classification.ts';
import type { RecordContext, RecordMiddleware } from '../middleware/record/context.ts';
import { idempotency } from '../middleware/record/idempotency.ts';
import { validation } from '../middleware/record/validation.ts';
import type { RawJob } from '../queues/message.ts';
import { SandboxUnavailable } from '../sandbox/sandbox.ts';

/** Brings one job to its verdict. */
export type RecordChain = (job: RawJob, context: RecordContext) => Promise<Verdict | typeof AFTER_ALL_OTHERS>;

/**
 * The Middy chain of a job type; its "event" is the parsed job. Any Middy middleware of your own fits in: what throws
 * is classified, whatever layer it comes from.
 */
export function recordChain(type: AnyJobType, settings: unknown): RecordChain {
  const middlewares: RecordMiddleware<never>[] = [
    validation(type.schema),
    idempotency(type),
    classification(type.retry),
  ];
  const destinations = new Destinations(type.timeLimitMs);
  const base = (job: RawJob, context: RecordContext) => {
    if (!type.destination) return handle(type, settings, job, context);
    return destinations.run(type.destination(job, settings), () => handle(type, settings, job, context));
  };
  // Middy's types know no context but Lambda's.
  return middy(base as never, { timeoutEarlyInMillis: 0 }).use(middlewares as never) as unknown as RecordChain;
}

function handle(type: AnyJobType, settings: unknown, job: RawJob, context: RecordContext): Promise<Json> {
  return context.runInSlot((run) => {
    const { message, trace, report } = context;
    context.slot = run.slot;
    trace?.('job_started', { jobId: context.entry?.key, type: message.type, slot: run.slot });
    const started = performance.now();
    const ended = () => report.durations.push(performance.now() - started);
    const handling = new Handling(run, context, settings);
    const result = context.isAlone ? handleAlone(type, job, handling, context) : type.handle(job, handling);
    if (isPromiseLike(result)) return Promise.resolve(result).finally(ended);
    ended();
    return result;
  });
}

/** In a sandbox where there is one, so that a job that ends its process ends no more than that. */
async function handleAlone(
  type: AnyJobType,
  job: RawJob,
  handling: Handling,
  { log, message, sandbox }: RecordContext,
): Promise<Json> {
  if (!sandbox) return await type.handle(job, handling);
  try {
    return await sandbox.run(message.type, job, handling);
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    log.warn('sandbox_unavailable', { details: { error: error.message } });
    return await type.handle(job, handling);
  }
}

/** A class for its getter: a signal is made only for the handler that asks for one. */
class Handling implements JobContext<unknown> {
  readonly attempt: number;
  readonly fencingToken: number;
  readonly settings: unknown;
  readonly #run: Run;

  constructor(run: Run, { history, fencingToken = 1 }: RecordContext, settings: unknown) {
    this.#run = run;
    this.attempt = history.runs + 1;
    this.fencingToken = fencingToken;
    this.settings = settings;
  }

  get slot(): number {
    return this.#run.slot;
  }

  get signal(): AbortSignal {
    return this.#run.signal;
  }
}

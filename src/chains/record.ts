import middy from '@middy/core';
import type { Run } from '../engine/run.ts';
import { isPromiseLike } from '../engine/run-batch.ts';
import type { AFTER_ALL_OTHERS, Verdict } from '../engine/verdict.ts';
import type { Json } from '../job.ts';
import { classification } from '../middleware/record/classification.ts';
import type { RecordContext } from '../middleware/record/context.ts';
import { idempotency } from '../middleware/record/idempotency.ts';
import { validation } from '../middleware/record/validation.ts';
import type { RawJob } from '../queues/message.ts';
import { SandboxUnavailable } from '../sandbox/sandbox.ts';
import type { ConfiguredJob } from './configured-jobs.ts';
import { HandlerContext } from './handler-context.ts';

/** Takes one job to its verdict. */
export type RecordChain = (job: RawJob, context: RecordContext) => Promise<Verdict | typeof AFTER_ALL_OTHERS>;

/**
 * The Middy chain of a job type. Its event is the parsed job. The job type's own middlewares are inside it, around the
 * handler (`configured-jobs.ts`). So an error is classified whichever layer throws it.
 */
export function recordChain(job: ConfiguredJob): RecordChain {
  const { type } = job;
  // biome-ignore lint/suspicious/noExplicitAny: the response is the job's result until it is stored, then a verdict
  return middy<RawJob, any, Error, RecordContext>({ timeoutEarlyInMillis: 0 })
    .use([validation(type.schema), idempotency(type), classification(type.retry)])
    .handler(inSlot(job));
}

/** The innermost layer. It waits for a slot, and for room at the job's destination, and then runs the handler. */
function inSlot(job: ConfiguredJob): (event: RawJob, context: RecordContext) => Promise<Json> {
  const { type, settings } = job;
  return (event, context) => {
    const runJob = () => context.runInSlot((run) => measured(job, event, context, run));
    if (!type.destination) return runJob();
    return context.destinations.run(type.destination(event, settings), type.timeLimitMs, runJob);
  };
}

function measured(job: ConfiguredJob, event: RawJob, context: RecordContext, run: Run): Json | Promise<Json> {
  const { isAlone, message, trace, report } = context;
  context.slot = run.slot;
  trace?.('job_started', { jobId: context.entry?.key, type: message.type, slot: run.slot });
  const started = performance.now();
  const ended = () => report.durations.push(performance.now() - started);
  const handlerContext = new HandlerContext(run, context, job.settings);
  const result = isAlone ? runAlone(job, event, handlerContext, context) : job.run(event, handlerContext);
  if (isPromiseLike(result)) return Promise.resolve(result).finally(ended);
  ended();
  return result;
}

/** Runs in the sandbox if there is one, so that a job that ends its process ends only the sandbox. */
async function runAlone(
  job: ConfiguredJob,
  event: RawJob,
  handlerContext: HandlerContext,
  { log, message, sandbox }: RecordContext,
): Promise<Json> {
  if (!sandbox) return await job.run(event, handlerContext);
  try {
    return await sandbox.run(message.type, event, handlerContext);
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    log.warn('sandbox_unavailable', { details: { error: error.message } });
    return await job.run(event, handlerContext);
  }
}

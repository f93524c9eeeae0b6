import type middy from '@middy/core';
import type { ValidateFunction } from 'ajv';
import type { Context } from 'aws-lambda';
import type { Destination } from './engine/destinations.ts';
import type { EnvironmentReader } from './env.ts';
import type { RetryPolicy } from './failures/backoff.ts';

/** A value that DynamoDB can store as a result. Numbers must be finite. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a handler learns about its run, besides Lambda's own context. */
export interface JobContext<Settings> extends Context {
  /**
   * Aborts when the job's time limit or the invocation's time is over. A handler must pass it on to everything it waits
   * for.
   */
  readonly signal: AbortSignal;
  /** The slot that runs the job, from 1 to `WORKER_CONCURRENCY`. */
  readonly slot: number;
  /**
   * 1 on the first run, and one more for each run of this message that failed. Deliveries that were deferred or not
   * started do not count.
   */
  readonly attempt: number;
  /**
   * Grows with each claim of the same job. With it a receiver can refuse a worker whose lease was taken over. Always 1
   * for job types that do not claim, unless the job runs alone.
   */
  readonly fencingToken: number;
  readonly settings: Settings;
}

/**
 * A Middy middleware around a job type's handler. Its event is the validated job, its context the `JobContext`, its
 * response the result. It runs in the job's slot and within its time limit. Its errors are classified like the
 * handler's own. A response that its `onError` sets is the job's result.
 */
// biome-ignore lint/suspicious/noExplicitAny: published middlewares are typed for events and contexts of their own
export type JobMiddleware = middy.MiddlewareObj<any, any, any, any, any>;

/** A job type. Each file `src/jobs/<type>.ts` exports one as its default, made by `defineJob`. */
export interface JobType<Job, Settings, Result extends Json = Json> {
  /** The precompiled validator of `schemas/<type>.json`. */
  readonly schema: ValidateFunction<Job>;
  /**
   * The idempotency key: 1 to 2,048 bytes (DynamoDB's limit for a partition key). It must depend on the payload only.
   */
  key(job: Job): string;
  /**
   * What the ledger's key begins with, as `<namespace>:<key>`, so that one id may be a job of several types: `order-1` reserved,
   * charged and shipped. 1 to 64 of A-Z a-z 0-9 _ . -. Without it, types with the same key are the same job. It must not
   * change while results are kept.
   */
  readonly namespace?: string;
  /**
   * Whether the handler has effects outside of its result. If so, a lease is claimed before it runs, which costs one
   * more write. A duplicate that finds the lease waits for it.
   */
  readonly claims: boolean;
  /**
   * What the ledger keeps of a job that is done: its result, or only the fact. With either, the same job has no effect
   * again. The fact is smaller, and then no result can be too large for the store.
   */
  readonly keeps: 'result' | 'fact';
  readonly retry: RetryPolicy;
  /**
   * On a FIFO queue, what becomes of the message group of a job that is dead. `park`: the job goes to the DLQ, and the group goes
   * on. `block`: the group waits until an operator decides about the job. Messages that hold no job count as of the queue's
   * default type.
   */
  readonly whenDead: 'park' | 'block';
  /**
   * Milliseconds that one run may take; then its signal aborts. A job starts only while that much time remains. In a
   * short invocation the limit is half of the invocation's time for jobs; see `Deadline.limitFor`.
   */
  readonly timeLimitMs: number;
  /** In the order of Middy's `use`: the first is the outermost. */
  readonly middlewares: readonly JobMiddleware[];
  /**
   * Where a job goes, so that one slow receiver does not take every slot. Without it, only the slots limit a job type.
   */
  destination?(job: Job, settings: Settings): Destination;
  /**
   * Reads the type's own environment variables, once per cold start. The reader collects problems; this does not throw.
   */
  settings(read: EnvironmentReader): Settings;
  /**
   * Does the work. The result must depend on the job only.
   *
   * @throws TransientError to be retried, PermanentError to be dead-lettered at once; any other error is classified
   */
  handle(job: Job, context: JobContext<Settings>): Result | Promise<Result>;
  /**
   * The message for the next step of a chain: the queue that the queue's declaration names as `next`. It is stored with the
   * result in one write, and sent after it. Pure: it depends on the job and its result only. Undefined hands nothing over.
   * The message may have 392 KB as JSON, together with the result.
   */
  handOver?(job: Job, result: Result): Json | undefined;
}

type Defaults = 'claims' | 'keeps' | 'retry' | 'whenDead' | 'timeLimitMs' | 'middlewares' | 'settings';

/**
 * Five runs with four waits between them: 15 s in all on average, 30 s at most. A dependency that restarts needs about
 * that long.
 */
const RETRY: RetryPolicy = { baseMs: 2_000, capMs: 60_000, attempts: 5 };

/**
 * Fills in the defaults: no claim, the result is kept, five attempts, a dead job is parked, 10 s a run, no middlewares, no settings. The
 * back-off's upper bound starts at 2 s, doubles, and ends at 60 s.
 */
export function defineJob<Job, Settings = undefined, Result extends Json = Json>(
  type: Omit<JobType<Job, Settings, Result>, Defaults> & Partial<Pick<JobType<Job, Settings, Result>, Defaults>>,
): JobType<Job, Settings, Result> {
  return {
    claims: false,
    keeps: 'result',
    retry: RETRY,
    whenDead: 'park',
    timeLimitMs: 10_000,
    middlewares: [],
    settings: () => undefined as Settings,
    ...type,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds types of every job; each chain validates before it casts
export type AnyJobType = JobType<any, any, any>;

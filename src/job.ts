import type middy from '@middy/core';
import type { ValidateFunction } from 'ajv';
import type { Context } from 'aws-lambda';
import type { Destination } from './engine/destinations.ts';
import type { EnvironmentReader } from './env.ts';
import type { RetryPolicy } from './failures/backoff.ts';

/** What DynamoDB can store as a result. Numbers must be finite. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a handler is told about the run it is part of, besides what Lambda says of the invocation. */
export interface JobContext<Settings> extends Context {
  /** Aborts when the job's time limit or the invocation's time is spent. A handler that waits must pass it on. */
  readonly signal: AbortSignal;
  /** The worker slot that runs the job, from 1 to `WORKER_CONCURRENCY`. */
  readonly slot: number;
  /** 1 on the first run; counts runs of this message that failed, not deliveries that were deferred or not started. */
  readonly attempt: number;
  /**
   * Grows with each claim of the same job, so that a receiver can refuse a worker whose lease was taken over. Always 1
   * for job types that do not claim.
   */
  readonly fencingToken: number;
  readonly settings: Settings;
}

/**
 * A Middy middleware around a job type's handler: its event is the validated job, its context the `JobContext`, its response
 * the result. It runs in the job's slot and within its time limit. What it throws is classified like the handler's own errors;
 * a response that its `onError` sets is the job's result.
 */
// biome-ignore lint/suspicious/noExplicitAny: published middlewares are typed for events and contexts of their own
export type JobMiddleware = middy.MiddlewareObj<any, any, any, any, any>;

/** A job type: what `src/jobs/<type>.ts` exports as its default, made by `defineJob`. */
export interface JobType<Job, Settings> {
  /** The precompiled validator of `schemas/<type>.json`. */
  readonly schema: ValidateFunction<Job>;
  /** The idempotency key: 1 to 2,048 bytes (DynamoDB's limit for a partition key), from the payload only. */
  key(job: Job): string;
  /**
   * Whether the handler has effects outside of its result. If so a lease is claimed before it runs (one more write),
   * and a duplicate that meets the lease waits for it.
   */
  readonly claims: boolean;
  /**
   * What the ledger keeps of a job that is done: its result, or only the fact. Either way the same job again has no effect; the
   * fact is smaller, and no result can be too large for the store.
   */
  readonly keeps: 'result' | 'fact';
  readonly retry: RetryPolicy;
  /** Milliseconds one run may take; then its signal aborts. A job starts only while that much time remains. */
  readonly timeLimitMs: number;
  /** In the order of Middy's `use`: the first is the outermost. */
  readonly middlewares: readonly JobMiddleware[];
  /** Where a job goes, so that one slow receiver does not take every slot; jobs of a type without it go nowhere. */
  destination?(job: Job, settings: Settings): Destination;
  /** Reads the type's own environment variables, once per cold start. Problems are collected, not thrown. */
  settings(read: EnvironmentReader): Settings;
  /**
   * Does the work. The result is a function of the job only.
   *
   * @throws TransientError to be retried, PermanentError to be dead-lettered at once; anything else is classified
   */
  handle(job: Job, context: JobContext<Settings>): Json | Promise<Json>;
}

type Defaults = 'claims' | 'keeps' | 'retry' | 'timeLimitMs' | 'middlewares' | 'settings';

/** Five receives over about half a minute to a minute: what a restarting dependency needs. */
const RETRY: RetryPolicy = { baseMs: 2_000, capMs: 60_000, attempts: 5 };

/** Fills in the defaults: no claim, the result is kept, five attempts from 2 s to 60 s apart, 10 s a run, no middlewares, no settings. */
export function defineJob<Job, Settings = undefined>(
  type: Omit<JobType<Job, Settings>, Defaults> & Partial<Pick<JobType<Job, Settings>, Defaults>>,
): JobType<Job, Settings> {
  return {
    claims: false,
    keeps: 'result',
    retry: RETRY,
    timeLimitMs: 10_000,
    middlewares: [],
    settings: () => undefined as Settings,
    ...type,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds types of every job; each chain validates before it casts
export type AnyJobType = JobType<any, any>;

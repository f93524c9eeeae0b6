import { setTimeout as delay } from 'node:timers/promises';
import { configured } from '../../src/chains/configured-jobs.ts';
import { Deferred, PermanentError, TransientError } from '../../src/failures/errors.ts';
import { type AnyJobType, defineJob, type Json } from '../../src/job.ts';
import { serveSandbox } from '../../src/sandbox/serve.ts';

/** What jobs do to the process that runs them, by name. */
export const DEEDS: Record<string, (job: { ms?: number }, context: { signal: AbortSignal }) => Json | Promise<Json>> = {
  pass: () => 'passed',
  exit: () => process.exit(3),
  loop: () => {
    for (;;);
  },
  heap: () => {
    const all: object[] = [];
    for (;;) all.push(new Array(10_000).fill(all.length).map((n) => ({ n })));
  },
  // One object of this size takes a whole process down, not only the thread that makes it.
  arrays: () => {
    const all: number[][] = [];
    for (;;) all.push(new Array(4_000_000).fill(all.length + 0.5));
  },
  kill: async () => {
    process.kill(process.pid, 'SIGTERM');
    await delay(5_000);
    return null;
  },
  reject: () => {
    void Promise.reject(new Error('nobody listens'));
    return 'passed';
  },
  later: () => {
    setTimeout(() => process.exit(4), 20);
    return 'passed';
  },
  transient: () => {
    throw new TransientError('busy', { retryAfterMs: 7_000 });
  },
  permanent: () => {
    throw new PermanentError('no such customer');
  },
  deferred: () => {
    throw new Deferred('held elsewhere', { afterMs: 5 });
  },
  wait: async ({ ms = 10_000 }, { signal }) => {
    await delay(ms, undefined, { signal });
    return 'waited';
  },
  ignore: async () => {
    await delay(60_000);
    return null;
  },
  parricide: () => {
    process.kill(process.ppid, 'SIGKILL');
    for (;;);
  },
  chatter: async () => {
    for (const message of ['text', 7, true, [], { kind: 7 }]) process.send?.(message);
    await delay(20);
    return 'passed';
  },
  disconnect: async () => {
    process.disconnect();
    await delay(10_000);
    return null;
  },
  unclonable: () => (() => 1) as never,
};

export const JOBS = new Map(
  Object.entries(DEEDS).map(([name, deed]) => {
    const type: AnyJobType = defineJob<{ job_id: string }>({
      schema: (() => true) as never,
      key: ({ job_id }) => job_id,
      timeLimitMs: 1_000,
      handle: (job, context) => deed(job as object, context),
    });
    return [name, configured(type, undefined)] as const;
  }),
);

serveSandbox(JOBS);

import type { Counts } from '../stub/table.ts';
import { type Mistakes, mistakes } from './correctness.ts';
import { contextOf, eventOf, freshJobs, type Job } from './event.ts';
import type { Task } from './invoke.ts';
import type { Tables } from './tables.ts';

/** What was measured over the invocations of one size. */
export interface Measured extends Mistakes {
  readonly records: number;
  readonly batch: number;
  /** Records of the warm-up. */
  readonly warmedUp: number;
  readonly wallMs: number;
  /** User and system time of the whole process, with the threads of the garbage collector. */
  readonly cpuMs: number;
  /** The process's peak memory so far, in MB. In stub mode the stub's items are part of it. */
  readonly peakMb: number;
  /** Counts of the measured invocations only. */
  readonly counts: Counts;
  readonly leftInProgress: number;
  /** How long the handler of each job ran, in the order of the batch. Set only by the bench's own sleeping jobs. */
  readonly jobMs?: readonly number[];
}

/** Set by the sleeping jobs, see variants/sleeping-jobs.ts. */
declare global {
  var sluiceBenchJobMs: Map<string, number> | undefined;
}

export type Handler = (event: object, context: object) => Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;

type Answer = Awaited<ReturnType<Handler>>;

/** All calls of the handler so far, and its answers. */
export class Session {
  readonly sent: Job[] = [];
  readonly answers: Answer[] = [];
  readonly #task: Task;
  readonly #handler: Handler;
  readonly #tables: Tables;

  constructor(task: Task, handler: Handler, tables: Tables) {
    this.#task = task;
    this.#handler = handler;
    this.#tables = tables;
  }

  /** Runs every size until its code is compiled. It stops at a limit, so that one slow peer does not cost an hour. */
  async warmUp(): Promise<void> {
    const { batches, warmUp, warmUpCpuMs, warmUpBatch, prefix, fifo, remainingMs } = this.#task;
    const since = process.cpuUsage();
    const records = new Map(batches.map((batch) => [Math.min(batch, warmUpBatch), 0]));
    while (this.sent.length < warmUp && cpuMsSince(since) < warmUpCpuMs) {
      const [size, soFar] = [...records].reduce((least, each) => (each[1] < least[1] ? each : least));
      const jobs = freshJobs(`${prefix}w${this.sent.length}`, size, fifo);
      this.answers.push(await this.#handler(eventOf(jobs), contextOf(remainingMs)));
      for (const job of jobs) this.sent.push(job);
      records.set(size, soFar + size);
    }
  }

  /** Measures the invocations of one size. */
  async measure(batch: number, warmedUp: number): Promise<Measured> {
    const { jobs, prefix, records, fifo, startAt, measureMs, remainingMs } = this.#task;
    const invocations = jobs ? 1 : Math.ceil(records / batch);
    const batches = Array.from(
      { length: invocations },
      (_, i) => jobs ?? freshJobs(`${prefix}m${batch}-${i}`, batch, fifo),
    );
    const events = batches.map(eventOf);
    await this.#tables.startCounting();
    globalThis.gc?.();
    if (startAt) await new Promise((resolve) => setTimeout(resolve, startAt - Date.now()));
    const context = contextOf(remainingMs);
    let done = 0;
    // The CPU clock is read once around all invocations, because reading it costs more than some batches.
    const cpu = process.cpuUsage();
    const started = performance.now();
    while (done < events.length && performance.now() - started < measureMs) {
      this.answers.push(await this.#handler(events[done] as object, context));
      done += 1;
    }
    const wallMs = performance.now() - started;
    const cpuMs = cpuMsSince(cpu);
    const peakMb = process.resourceUsage().maxRSS / 1024;
    const measured = batches.slice(0, done).flat();
    for (const job of measured) this.sent.push(job);
    const times = globalThis.sluiceBenchJobMs;
    return {
      batch,
      records: measured.length,
      warmedUp,
      wallMs,
      cpuMs,
      peakMb,
      ...(await this.#check()),
      ...(times && { jobMs: measured.map(({ job_id }) => times.get(job_id) ?? 0) }),
    };
  }

  /** Checks everything since the process began, because a mistake in the warm-up counts, too. */
  async #check() {
    const failures = this.answers.flatMap(({ batchItemFailures }) => batchItemFailures);
    const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
    const { counts, leftInProgress, ...stored } = await this.#tables.ledger();
    return { counts, leftInProgress, ...mistakes(this.sent, failed, stored) };
  }
}

export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

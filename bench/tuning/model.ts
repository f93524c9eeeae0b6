import { type Bill, billedMs, billFor } from '../cost/model.ts';
import { MB_PER_CPU } from '../cost/prices.ts';

/** The known facts about a job and its traffic. */
export interface Workload {
  /** Milliseconds that one handler runs on a whole CPU. */
  readonly handlerMs: number;
  /** The share of that time in which it waits for something else, 0 to 1. */
  readonly waitingShare: number;
  /** Messages a second, on average. */
  readonly rate: number;
  /** The most milliseconds from sent to stored. */
  readonly goalMs: number;
  /** Whether the job type claims. That is one more write, and one more round trip before the handler. */
  readonly claims: boolean;
}

/** The values that can be set. */
export interface Setting {
  readonly batchSize: number;
  /** The mapping's batching window, whole seconds. */
  readonly windowSeconds: number;
  /** WORKER_CONCURRENCY. */
  readonly concurrency: number;
  readonly memoryMb: number;
}

/** The effects of a setting on a workload. */
export interface Estimate extends Setting {
  /** Jobs in an average batch at this rate. */
  readonly jobsPerBatch: number;
  /** The wait of the first message of a batch, plus the whole invocation. */
  readonly latencyMs: number;
  readonly invocationMs: number;
  /** Invocations under way at once, on average. */
  readonly invocationsAtOnce: number;
  readonly bill: Bill;
}

/**
 * What the bench measured for the service itself: CPU of a record and of an invocation, on a whole CPU. Milliseconds.
 */
export const OVERHEAD = { recordMs: 0.06, invocationMs: 1.2, tableMs: 5 } as const;

/** A mapping begins with five pollers, which share the messages [Lambda, SQS scaling]. */
const POLLERS = 5;
/** Milliseconds that a poller without a window takes to receive the waiting messages. */
const RECEIVE_MS = 20;
/**
 * A mapping without provisioned pollers reaches 1,250 invocations at once. The account's own default limit is 1,000.
 */
const MOST_AT_ONCE = 1_000;
/**
 * The longest invocation. Lambda ends one after 15 minutes; the rest is left to return unprocessed messages in order.
 */
const LONGEST_MS = 600_000;

const BATCH_SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
const WINDOWS = [0, 1, 2, 5, 10, 20, 30, 60, 120, 300];
const CONCURRENCIES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];
const MEMORIES = [128, 256, 512, 1_024, MB_PER_CPU];

/**
 * Pure. The cost of one setting, and how long its messages take; undefined where AWS or memory does not allow the
 * setting.
 */
export function estimate(workload: Workload, setting: Setting): Estimate | undefined {
  const { handlerMs, waitingShare, rate, claims } = workload;
  const { batchSize, windowSeconds, concurrency, memoryMb } = setting;
  // A batch of more than ten needs a window of at least one second [Lambda, SQS event source mappings].
  if ((batchSize > 10 && windowSeconds < 1) || concurrency > batchSize || memoryMb < memoryFor(batchSize))
    return undefined;

  const perPoller = rate / POLLERS;
  const gatherMs = Math.max(windowSeconds * 1_000, RECEIVE_MS);
  const jobsPerBatch = Math.min(batchSize, Math.max(1, (perPoller * gatherMs) / 1_000));
  const waitMs = windowSeconds === 0 ? RECEIVE_MS : Math.min(gatherMs, (jobsPerBatch / perPoller) * 1_000);

  const slowdown = Math.max(1, MB_PER_CPU / memoryMb);
  const jobCpuMs = handlerMs * (1 - waitingShare) + OVERHEAD.recordMs;
  const cpuMs = jobsPerBatch * jobCpuMs + OVERHEAD.invocationMs;
  const oneMs = jobCpuMs * slowdown + handlerMs * waitingShare;
  // One thread runs all handlers. So their CPU times add up, and their waits overlap.
  const workMs = Math.max(cpuMs * slowdown, Math.ceil(jobsPerBatch / concurrency) * oneMs);
  const invocationMs = workMs + OVERHEAD.tableMs * (claims ? 2 : 1);
  const invocationsAtOnce = (rate / jobsPerBatch) * (invocationMs / 1_000);
  if (invocationsAtOnce > MOST_AT_ONCE || invocationMs > LONGEST_MS) return undefined;
  const bill = billFor({
    writeUnits: claims ? 2 : 1,
    readUnits: 0,
    batch: jobsPerBatch,
    // The share of a CPU is already counted in `invocationMs`, so the CPU time is 0 here.
    wallMs: billedMs({ wallMs: invocationMs, cpuMs: 0, memoryMb }),
    cpuMs: 0,
    memoryMb,
  });
  return { ...setting, jobsPerBatch, latencyMs: waitMs + invocationMs, invocationMs, invocationsAtOnce, bill };
}

/** Every possible setting, the cheapest first. Among equally cheap ones the faster comes first, then the smaller. */
export function allSettings(workload: Workload): Estimate[] {
  const found: Estimate[] = [];
  for (const batchSize of BATCH_SIZES)
    for (const windowSeconds of WINDOWS)
      for (const concurrency of CONCURRENCIES)
        for (const memoryMb of MEMORIES) {
          const one = estimate(workload, { batchSize, windowSeconds, concurrency, memoryMb });
          if (one) found.push(one);
        }
  return found.sort(
    (a, b) =>
      a.bill.total - b.bill.total ||
      a.latencyMs - b.latencyMs ||
      a.concurrency - b.concurrency ||
      a.batchSize - b.batchSize,
  );
}

/** Prices that differ by less than this share count as equal. A slower setting must save at least this much. */
const EQUAL = 0.01;

/**
 * Among the settings within the goal, takes those that cost at most a hundredth more than the cheapest, and returns the
 * fastest of them; undefined where none fits.
 */
export function cheapest(workload: Workload): Estimate | undefined {
  const within = allSettings(workload).filter(({ latencyMs }) => latencyMs <= workload.goalMs);
  const most = (within[0]?.bill.total ?? 0) * (1 + EQUAL);
  const equal = within.filter(({ bill }) => bill.total <= most);
  return equal.reduce<Estimate | undefined>(
    (best, one) => (best && best.latencyMs <= one.latencyMs ? best : one),
    undefined,
  );
}

/** The settings worth choosing from, the fastest first. Each slower setting saves at least a hundredth. */
export function frontier(settings: readonly Estimate[]): Estimate[] {
  const byLatency = [...settings].sort((a, b) => a.latencyMs - b.latencyMs || a.bill.total - b.bill.total);
  const kept: Estimate[] = [];
  for (const one of byLatency) {
    if (one.bill.total < (kept.at(-1)?.bill.total ?? Number.POSITIVE_INFINITY) * (1 - EQUAL)) kept.push(one);
  }
  return kept;
}

/** MB that a function needs for a batch. Measured: a batch of 10,000 with its event peaks below 256 MB. */
function memoryFor(batchSize: number): number {
  return batchSize > 1_000 ? 256 : 128;
}

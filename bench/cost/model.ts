import { MB_PER_CPU, MESSAGES_PER_REQUEST, PRICES } from './prices.ts';

/** What one job takes. */
export interface Usage {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Jobs in one invocation. */
  readonly batch: number;
  /** Wall time of an invocation on a whole CPU, milliseconds. */
  readonly wallMs: number;
  /** CPU time in it, milliseconds. */
  readonly cpuMs: number;
  readonly memoryMb: number;
}

/** US dollars for a million jobs. */
export interface Bill {
  readonly table: number;
  readonly queue: number;
  readonly lambda: number;
  readonly total: number;
}

/**
 * What Lambda bills for an invocation: what took CPU takes longer on a part of one, what waits does not.
 *
 * @returns whole milliseconds, at least 1
 */
export function billedMs({ wallMs, cpuMs, memoryMb }: Pick<Usage, 'wallMs' | 'cpuMs' | 'memoryMb'>): number {
  const slowdown = Math.max(1, MB_PER_CPU / memoryMb);
  return Math.max(1, Math.ceil(wallMs + cpuMs * (slowdown - 1)));
}

/** Pure. Producers send ten to a request, a mapping receives and deletes as many of its batch as fit in one. */
export function billFor(usage: Usage): Bill {
  const { writeUnits, readUnits, batch, memoryMb } = usage;
  const queueRequests = 1 / MESSAGES_PER_REQUEST + 2 / Math.min(MESSAGES_PER_REQUEST, batch);
  const gigabyteSeconds = (billedMs(usage) / 1_000) * (memoryMb / 1_024);
  const table = writeUnits * PRICES.writeUnits + readUnits * PRICES.readUnits;
  const queue = queueRequests * PRICES.queueRequests;
  const lambda = (PRICES.invocations + gigabyteSeconds * 1e6 * PRICES.gigabyteSeconds) / batch;
  return { table, queue, lambda, total: table + queue + lambda };
}

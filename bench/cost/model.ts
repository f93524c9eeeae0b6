import { MB_PER_CPU, MESSAGES_PER_REQUEST, PRICES } from './prices.ts';

/** What one job uses. */
export interface Usage {
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Jobs in one invocation. */
  readonly batch: number;
  /** Wall time of an invocation on a whole CPU, milliseconds. */
  readonly wallMs: number;
  /** CPU time of that, milliseconds. */
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
 * The time that Lambda bills for an invocation. CPU work takes longer on a part of a CPU; waiting does not.
 *
 * @returns whole milliseconds, at least 1
 */
export function billedMs({ wallMs, cpuMs, memoryMb }: Pick<Usage, 'wallMs' | 'cpuMs' | 'memoryMb'>): number {
  const slowdown = Math.max(1, MB_PER_CPU / memoryMb);
  return Math.max(1, Math.ceil(wallMs + cpuMs * (slowdown - 1)));
}

/**
 * Pure. Producers send ten messages to a request. A mapping receives and deletes as many messages of its batch in a
 * request as fit.
 */
export function billFor(usage: Usage): Bill {
  const { writeUnits, readUnits, batch, memoryMb } = usage;
  const queueRequests = 1 / MESSAGES_PER_REQUEST + 2 / Math.min(MESSAGES_PER_REQUEST, batch);
  const gigabyteSeconds = (billedMs(usage) / 1_000) * (memoryMb / 1_024);
  const table = writeUnits * PRICES.writeUnits + readUnits * PRICES.readUnits;
  const queue = queueRequests * PRICES.queueRequests;
  const lambda = (PRICES.invocations + gigabyteSeconds * 1e6 * PRICES.gigabyteSeconds) / batch;
  return { table, queue, lambda, total: table + queue + lambda };
}

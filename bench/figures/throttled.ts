import { measure } from '../measure.ts';
import type { Measured } from '../process/invoke.ts';
import { short } from '../statistics.ts';
import { exactly, type Figure } from './figure.ts';

const JOBS = 10_200;
const WRITE_UNITS = 500;
const DEADLINE_MS = 60_000;
const LATENCY_MS = 5;

/** One batch against a table that takes far less than is asked of it, with a minute to the deadline. */
export const throttled: Figure = async ({ variants, say }) => {
  const outcomes = new Map<string, Measured>();
  for (const variant of variants) {
    const table = { writeUnitsPerSecond: WRITE_UNITS, latencyMs: LATENCY_MS };
    // Lambda kills what outlasts its deadline; a variant that gives no answer has returned the whole batch.
    const bundle = variant === 'sluice' ? 'unguarded' : variant;
    const order = { bundle, mode: 'stub', batch: JOBS, warmUp: 0, remainingMs: DEADLINE_MS, table } as const;
    const measured = await measure({ ...order, patienceMs: 3 * DEADLINE_MS });
    outcomes.set(variant, measured.wallMs > DEADLINE_MS ? { ...measured, failed: JOBS } : measured);
    say(`a table of ${WRITE_UNITS} write units a second, ${variant}: ${measured.failed} failed`);
  }
  const row = (variant: string, { failed, leftInProgress, wallMs, counts, lost, doubles }: Measured) => [
    variant,
    String(failed),
    String(leftInProgress),
    String((lost ?? 0) + (doubles ?? 0)),
    short(wallMs / 1_000),
    String(counts?.requests),
    String(counts?.throttled),
  ];
  const sluice = outcomes.get('sluice');
  return {
    title: `${JOBS.toLocaleString('en-US')} jobs in one batch, ${WRITE_UNITS} write units/s, ${DEADLINE_MS / 1_000} s to the deadline (stub)`,
    tables: [
      {
        head: ['', 'failed', 'left in progress', 'lost or doubled', 'seconds', 'requests', 'throttled writes'],
        rows: [...outcomes].map(([variant, measured]) => row(variant, measured)),
      },
    ],
    notes: [
      'SQS hands out 10,000 at most, and the function refuses more: for this figure that one check is left out.',
      `The bucket holds one second's worth, so nothing can take less than ${short((JOBS - WRITE_UNITS) / WRITE_UNITS)} s.`,
    ],
    targets: [
      exactly(
        `${JOBS.toLocaleString('en-US')} jobs in one batch at ${WRITE_UNITS} write units/s`,
        '0 failed, 0 left in progress',
        `${sluice?.failed} failed, ${sluice?.leftInProgress} left in progress`,
      ),
    ],
    raw: Object.fromEntries(outcomes),
  };
};

import { measure } from '../measure.ts';
import type { Measured } from '../process/session.ts';
import { type Outcomes, runsNote, takeTurns } from '../rounds.ts';
import { short, spreadOf, withSpread, withWorst } from '../statistics.ts';
import { cellOf, exactly, type Figure, type Finding, peersBounded } from './figure.ts';

const JOBS = 10_200;
const WRITE_UNITS = 500;
const DEADLINE_MS = 60_000;
const LATENCY_MS = 5;
const SOME = JOBS.toLocaleString('en-US');

/** One batch with a table that takes far fewer writes than are requested, and a minute until the deadline. */
export const throttled: Figure = async function* (settings) {
  const rounds = takeTurns(settings.variants, { ...settings, budgetMs: peersBounded }, oneBatch);
  for await (const outcomes of rounds) yield report(outcomes);
};

async function oneBatch(variant: string): Promise<Measured> {
  const measured = await measure({
    bundle: variant === 'sluice' ? 'unguarded' : variant,
    mode: 'stub',
    batch: JOBS,
    warmUp: 0,
    remainingMs: DEADLINE_MS,
    table: { writeUnitsPerSecond: WRITE_UNITS, latencyMs: LATENCY_MS },
    patienceMs: 3 * DEADLINE_MS,
  });
  // Lambda kills an invocation at its deadline. A variant that has not answered by then has returned the whole batch.
  return measured.wallMs > DEADLINE_MS ? { ...measured, failed: JOBS } : measured;
}

function report(outcomes: Outcomes<Measured>): Finding {
  const names = [...outcomes.keys()];
  const count = (name: string, value: (run: Measured) => number) =>
    cellOf(outcomes, name, (runs) => withWorst(spreadOf(runs.map(value))));
  const spread = (name: string, value: (run: Measured) => number) =>
    cellOf(outcomes, name, (runs) => withSpread(spreadOf(runs.map(value))));
  const failed = (name: string) => count(name, (run) => run.failed);
  const left = (name: string) => count(name, (run) => run.leftInProgress);
  return {
    title: `${SOME} jobs in one batch, ${WRITE_UNITS} write units/s, ${DEADLINE_MS / 1_000} s to the deadline (stub)`,
    tables: [
      {
        head: ['', 'failed', 'left in progress', 'lost or doubled', 'seconds', 'requests', 'throttled writes'],
        rows: names.map((name) => [
          name,
          failed(name),
          left(name),
          count(name, (run) => run.lost + run.doubles),
          spread(name, (run) => run.wallMs / 1_000),
          spread(name, (run) => run.counts.requests),
          spread(name, (run) => run.counts.throttled),
        ]),
      },
    ],
    notes: [
      runsNote(outcomes),
      'SQS hands out 10,000 at most, and the function refuses more: for this figure that one check is left out.',
      `The bucket holds one second's worth, so nothing can take less than ${short((JOBS - WRITE_UNITS) / WRITE_UNITS)} s.`,
    ],
    targets: [
      exactly(
        `${SOME} jobs in one batch at ${WRITE_UNITS} write units/s`,
        '0 failed, 0 left in progress',
        `${failed('sluice')} failed, ${left('sluice')} left in progress`,
      ),
    ],
    headlines: [
      {
        figure: `of ${SOME} jobs at ${WRITE_UNITS} write units/s, failed`,
        cells: Object.fromEntries(names.map((name) => [name, failed(name)])),
      },
    ],
    raw: Object.fromEntries(outcomes),
  };
}

import type { Mode } from '../bundle.ts';
import { measureAll, StubServer } from '../measure.ts';
import { isRight } from '../process/correctness.ts';
import type { Measured } from '../process/session.ts';
import { type Outcomes, runsNote, runsOf, takeTurns } from '../rounds.ts';
import { short, spreadOf, withSpread } from '../statistics.ts';
import { batchTargets } from './batch-targets.ts';
import { cellOf, type Figure, type Finding, type Settings } from './figure.ts';

/**
 * The most records that one run measures. Small batches are invoked often, so that the clock need be read only once.
 */
const RECORDS = 5_000;
/** Variants that take longer per record need fewer records. */
const MEASURE_MS = 1_500;
/**
 * Over HTTP each run waits for another process, with 3 requests a record for some peers. More rounds would take longer
 * than all other figures together.
 */
const MOST_OVER_HTTP = 5;

/** CPU and wall time per record, requests, write units, memory, at every batch size. */
export const batches: Figure = (settings) => measureBatches(settings, 'stub', [10, 100, 1_000, 10_000]);

/** The same over HTTP on the loopback address, with the tables in another process. */
export const overHttp: Figure = (settings) => {
  const repeats = Math.min(MOST_OVER_HTTP, settings.repeats);
  return measureBatches({ ...settings, repeats }, 'http', [10, 1_000]);
};

async function* measureBatches(settings: Settings, mode: Mode, sizes: readonly number[]): AsyncGenerator<Finding> {
  const { variants, warmUp, warmUpCpuMs } = settings;
  const server = mode === 'http' ? await StubServer.start() : undefined;
  const where = server ? { mode, endpoint: server.endpoint } : { mode };
  try {
    const rounds = takeTurns(variants, settings, async (bundle) => {
      await server?.reset();
      const limits = { warmUp, warmUpCpuMs, records: RECORDS, measureMs: MEASURE_MS };
      return measureAll({ bundle, ...where, batches: sizes, ...limits });
    });
    for await (const outcomes of rounds) yield report(outcomes, mode, sizes, variants);
  } finally {
    server?.close();
  }
}

const NOTE = 'The sizes are measured one after the other in the same process, after one warm-up; so memory adds up.';

type Value = (run: Measured) => number;

function report(
  outcomes: Outcomes<readonly Measured[]>,
  mode: Mode,
  sizes: readonly number[],
  variants: readonly string[],
): Finding {
  const ofSize = (runs: readonly (readonly Measured[])[], batch: number) =>
    runs.flatMap((run) => run.find((measured) => measured.batch === batch) ?? []);
  const numbers = (variant: string, batch: number, value: Value) => {
    const runs = ofSize(runsOf(outcomes, variant), batch);
    return runs.every(isRight) ? runs.map(value) : [];
  };
  const cell = (variant: string, batch: number, text: (runs: readonly Measured[]) => string) =>
    cellOf(outcomes, variant, (all) => {
      const runs = ofSize(all, batch);
      return runs.every(isRight) ? text(runs) : 'out: failed, lost, doubled or invented jobs';
    });
  const table = (unit: string, text: (runs: readonly Measured[]) => string) => ({
    head: [unit, ...sizes.map((size) => `batch ${size.toLocaleString('en-US')}`)],
    rows: variants.map((variant) => [variant, ...sizes.map((size) => cell(variant, size, text))]),
  });
  const spread = (value: Value) => (runs: readonly Measured[]) => withSpread(spreadOf(runs.map(value)));
  const headline = (figure: string, batch: number, value: Value) => ({
    figure: `${figure}, batch of ${batch.toLocaleString('en-US')}`,
    cells: Object.fromEntries(
      variants.map((variant) => [variant, cell(variant, batch, (runs) => short(spreadOf(runs.map(value)).median))]),
    ),
  });
  return {
    title: `CPU, wall time and requests per record (${mode})`,
    tables: [
      table('CPU per record, us', spread(CPU)),
      table(
        'wall time per record, us',
        spread((run) => (1_000 * run.wallMs) / run.records),
      ),
      table('requests / write units / read units per record', (runs) =>
        [REQUESTS, WRITE_UNITS, READ_UNITS].map((value) => spread(value)(runs)).join(' / '),
      ),
      table(
        'peak memory so far, MB',
        spread((run) => run.peakMb),
      ),
      table('most requests in flight', spread(IN_FLIGHT)),
      {
        head: ['records of warm-up', 'before the first batch'],
        rows: variants.map((variant) => [
          variant,
          cell(
            variant,
            sizes[0] ?? 0,
            spread(({ warmedUp }) => warmedUp),
          ),
        ]),
      },
    ],
    notes: [runsNote(outcomes), NOTE],
    targets: batchTargets(mode, variants, {
      cpu: (variant, batch) => numbers(variant, batch, CPU),
      requests: (batch) => numbers('sluice', batch, REQUESTS),
      writeUnits: (batch) => numbers('sluice', batch, WRITE_UNITS),
    }),
    ...(mode === 'stub' && {
      headlines: [
        headline('CPU per record, µs', 1_000, CPU),
        headline('CPU per record, µs', 10, CPU),
        headline('requests to DynamoDB per record', 100, REQUESTS),
        headline('write units per job, first delivery', 100, WRITE_UNITS),
        headline('most requests in flight', 10_000, IN_FLIGHT),
      ],
    }),
    raw: Object.fromEntries(outcomes),
  };
}

const CPU: Value = ({ cpuMs, records }) => (1_000 * cpuMs) / records;
const REQUESTS: Value = ({ counts, records }) => counts.requests / records;
const WRITE_UNITS: Value = ({ counts, records }) => counts.writeUnits / records;
const READ_UNITS: Value = ({ counts, records }) => counts.readUnits / records;
const IN_FLIGHT: Value = ({ counts }) => counts.mostInFlight;

import type { Mode } from '../bundle.ts';
import { measure, StubServer } from '../measure.ts';
import type { Measured } from '../process/invoke.ts';
import { ratioText, short, spreadOf, withSpread } from '../statistics.ts';
import { atMost, exactly, type Figure, type Finding, type Settings, type Target } from './figure.ts';

/** Measured records of one run, at least: small batches are invoked often, so that one reading of the clock is fine. */
const RECORDS = 5_000;

type Runs = Map<string, Measured[]>;

/** CPU and wall time per record, requests, write units, memory, at every batch size. */
export const batches: Figure = (settings) => measureBatches(settings, 'stub', [10, 100, 1_000, 10_000]);

/** The same over HTTP on the loopback, where the tables are another process. */
export const overHttp: Figure = (settings) => measureBatches(settings, 'http', [10, 1_000]);

async function measureBatches(settings: Settings, mode: Mode, sizes: readonly number[]): Promise<Finding> {
  const server = mode === 'http' ? await StubServer.start() : undefined;
  const runs: Runs = new Map();
  try {
    for (let run = 1; run <= settings.repeats; run++) {
      for (const batch of sizes) {
        for (const variant of settings.variants) {
          await server?.reset();
          const measured = await measure({
            bundle: variant,
            mode,
            batch,
            warmUp: settings.warmUp,
            invocations: Math.max(1, Math.ceil(RECORDS / batch)),
            ...(server && { endpoint: server.endpoint }),
          });
          const checked = server ? withLedger(measured, await server.ledger()) : measured;
          const key = `${variant} ${batch}`;
          runs.set(key, [...(runs.get(key) ?? []), checked]);
        }
        settings.say(`${mode}, run ${run} of ${settings.repeats}, batches of ${batch}`);
      }
    }
  } finally {
    server?.close();
  }
  return report(runs, mode, sizes, settings);
}

/** Over HTTP the counts include the warm-up, which is the same work. */
function withLedger(measured: Measured, ledger: Awaited<ReturnType<StubServer['ledger']>>): Measured {
  const { counts, results, doubles, leftInProgress } = ledger;
  const lost = [...results.entries()].filter(([id, value]) => Number(id.split('-').at(-1)) * 3 !== value).length;
  return { ...measured, counts, doubles, leftInProgress, lost, seen: results.size };
}

const perRecord = (runs: Measured[], total: (run: Measured) => number) =>
  spreadOf(runs.map((run) => total(run) / (run.seen ?? run.records)));
const timed = (runs: Measured[], total: (run: Measured) => number) =>
  spreadOf(runs.map((run) => (1_000 * total(run)) / run.records));

function report(runs: Runs, mode: Mode, sizes: readonly number[], { variants }: Settings): Finding {
  const of = (variant: string, batch: number) => runs.get(`${variant} ${batch}`) ?? [];
  const isWrong = (run: Measured) => (run.lost ?? 0) + (run.doubles ?? 0) + run.failed > 0;
  const out = [...runs].filter(([, each]) => each.some(isWrong)).map(([key]) => key);
  const cell = (variant: string, batch: number, text: (each: Measured[]) => string) =>
    out.includes(`${variant} ${batch}`) ? 'out: lost, doubled or failed' : text(of(variant, batch));
  const table = (unit: string, text: (each: Measured[]) => string) => ({
    head: [unit, ...sizes.map((size) => `batch ${size.toLocaleString('en-US')}`)],
    rows: variants.map((variant) => [variant, ...sizes.map((size) => cell(variant, size, text))]),
  });
  const cpu = (variant: string, batch: number) => timed(of(variant, batch), (run) => run.cpuMs).median;
  const counted = (each: Measured[], count: (run: Measured) => number) => short(perRecord(each, count).median);
  return {
    title: `CPU, wall time and requests per record (${mode})`,
    tables: [
      table('CPU per record, us', (each) => withSpread(timed(each, (run) => run.cpuMs))),
      table('wall time per record, us', (each) => withSpread(timed(each, (run) => run.wallMs))),
      table('requests / write units / read units per record', (each) =>
        [
          counted(each, (run) => run.counts?.requests ?? 0),
          counted(each, (run) => run.counts?.writeUnits ?? 0),
          counted(each, (run) => run.counts?.readUnits ?? 0),
        ].join(' / '),
      ),
      table('peak memory, MB', (each) => withSpread(spreadOf(each.map((run) => run.peakMb)))),
      table('most requests in flight', (each) => short(spreadOf(each.map((run) => run.counts?.mostInFlight ?? 0)).max)),
    ],
    targets: targetsOf(mode, variants, cpu, (batch, count) => perRecord(of('sluice', batch), count).median),
    raw: Object.fromEntries(runs),
  };
}

function targetsOf(
  mode: Mode,
  variants: readonly string[],
  cpu: (variant: string, batch: number) => number,
  sluice: (batch: number, count: (run: Measured) => number) => number,
): Target[] {
  const against = (peer: string, batch: number, limit: number) =>
    variants.includes(peer)
      ? [
          atMost(
            `CPU per record, batch of ${batch.toLocaleString('en-US')}, against ${peer} (${mode})`,
            limit,
            cpu('sluice', batch) / cpu(peer, batch),
            ratioText,
          ),
        ]
      : [];
  const ratios = [
    ...against('powertools', 1_000, 1 / 30),
    ...against('powertools', 10, 1 / 12),
    ...against('bare', 1_000, 1 / 7),
  ];
  if (mode === 'http') return ratios;
  return [
    ...ratios,
    atMost(
      'requests to DynamoDB per record, batch of 100',
      0.05,
      sluice(100, (run) => run.counts?.requests ?? 0),
      short,
    ),
    exactly('write units per job, first delivery', '1', short(sluice(100, (run) => run.counts?.writeUnits ?? 0))),
    atMost(
      'CPU per record, batch of 10,000 against batch of 10',
      1,
      cpu('sluice', 10_000) / cpu('sluice', 10),
      ratioText,
    ),
  ];
}

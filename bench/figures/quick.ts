import { measure } from '../measure.ts';
import type { Measured } from '../process/invoke.ts';
import { ratioText, short, spreadOf } from '../statistics.ts';
import { atMost, exactly, type Figure } from './figure.ts';

const BATCH = 1_000;
const RUNS = 3;
/** Half of what is claimed, and more: a guard that fails on a busy machine guards nothing. */
const CPU_LIMIT = 1 / 3;

/** What must not get worse unnoticed, by ratios within one run and by counts. Needs neither Powertools nor HTTP. */
export const quick: Figure = async ({ say }) => {
  const runs: Record<'sluice' | 'bare', Measured[]> = { sluice: [], bare: [] };
  for (let run = 1; run <= RUNS; run++) {
    for (const bundle of ['sluice', 'bare'] as const) {
      runs[bundle].push(await measure({ bundle, mode: 'stub', batch: BATCH, warmUp: 5_000, invocations: 2 }));
    }
    say(`run ${run} of ${RUNS}`);
  }
  const cpu = (each: Measured[]) => spreadOf(each.map((run) => run.cpuMs)).median;
  const [sluice] = runs.sluice as [Measured];
  const per = (count: number | undefined) => (count ?? Number.NaN) / sluice.records;
  const large = await measure({
    bundle: 'sluice',
    mode: 'stub',
    batch: 10_000,
    warmUp: 0,
    nodeOptions: ['--max-old-space-size=128'],
  }).catch((error: Error) => error);
  const wrong = runs.sluice.reduce((sum, { failed, lost = 0, doubles = 0 }) => sum + failed + lost + doubles, 0);
  return {
    title: 'Guard',
    tables: [],
    targets: [
      exactly('failed, lost and doubled jobs', '0', String(wrong)),
      atMost('CPU per record, batch of 1,000, against bare', CPU_LIMIT, cpu(runs.sluice) / cpu(runs.bare), ratioText),
      atMost('requests to DynamoDB per record, batch of 1,000', 0.05, per(sluice.counts?.requests), short),
      exactly('write units per job', '1', short(per(sluice.counts?.writeUnits))),
      atMost('most requests in flight', 32, sluice.counts?.mostInFlight ?? 0, short),
      exactly(
        'a batch of 10,000 under a 128 MB heap limit',
        'finishes',
        large instanceof Error
          ? large.message.slice(0, 80)
          : large.failed === 0
            ? 'finishes'
            : `${large.failed} failed`,
      ),
    ],
    raw: runs,
  };
};

import { measure } from '../measure.ts';
import { isRight } from '../process/correctness.ts';
import type { Measured } from '../process/session.ts';
import { ratioOf, ratioText, short, spreadOf } from '../statistics.ts';
import { atMost, exactly, type Finding, type Settings } from './figure.ts';

const BATCH = 1_000;
const RUNS = 3;
/**
 * The claim is 1/7 (batch-targets.ts). This limit is more than twice that, because a guard that fails on a busy machine
 * is useless.
 */
const CPU_LIMIT = 1 / 3;

/** Checks what must not get worse, with ratios within one run and with counts. It needs neither Powertools nor HTTP. */
export async function quick({ say }: Pick<Settings, 'say'>): Promise<Finding> {
  const runs: Record<'sluice' | 'bare', Measured[]> = { sluice: [], bare: [] };
  for (let run = 1; run <= RUNS; run++) {
    for (const bundle of ['sluice', 'bare'] as const) {
      runs[bundle].push(await measure({ bundle, mode: 'stub', batch: BATCH, warmUp: 5_000, records: 2 * BATCH }));
    }
    say(`run ${run} of ${RUNS}`);
  }
  const cpu = (each: Measured[]) => each.map((run) => run.cpuMs);
  const [sluice] = runs.sluice as [Measured];
  const per = (count: number) => count / sluice.records;
  const only = (value: number) => () => spreadOf([value]);
  const large = await measure({
    bundle: 'sluice',
    mode: 'stub',
    batch: 10_000,
    warmUp: 0,
    nodeOptions: ['--max-old-space-size=128'],
  }).catch((error: Error) => error);
  const wrong = runs.sluice.filter((run) => !isRight(run)).length;
  return {
    title: 'Guard',
    tables: [],
    targets: [
      exactly('runs with failed, lost, doubled or invented jobs', '0', String(wrong)),
      atMost(
        'CPU per record, batch of 1,000, against bare',
        CPU_LIMIT,
        () => ratioOf(cpu(runs.sluice), cpu(runs.bare)),
        ratioText,
      ),
      atMost('requests to DynamoDB per record, batch of 1,000', 0.05, only(per(sluice.counts.requests)), short),
      exactly('write units per job', '1', short(per(sluice.counts.writeUnits))),
      atMost('most requests in flight', 32, only(sluice.counts.mostInFlight), short),
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
}

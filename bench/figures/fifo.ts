import { measure } from '../measure.ts';
import { isRight } from '../process/correctness.ts';
import { runsNote, runsOf, takeTurns } from '../rounds.ts';
import { ratioOf, spreadOf, withSpread } from '../statistics.ts';
import { cellOf, type Figure, type Target } from './figure.ts';

/** Lambda hands out at most ten messages of a FIFO queue. */
const BATCH = 10;
const RECORDS = 300;
const HANDLER_MS = 20;
const LEAST = 5;
/** Message groups in a batch. With one there is nothing to run at once. */
const GROUPS = [10, 5, 2, 1] as const;
const BUNDLES = { sluice: 'fifo', powertools: 'powertools-fifo' } as const;

/** Messages a second through one function at a time, whose handler waits for others. */
export const fifo: Figure = async function* (settings) {
  const names = GROUPS.flatMap((groups) => Object.keys(BUNDLES).map((bundle) => `${bundle} ${groups}`));
  for await (const outcomes of takeTurns(names, settings, rateOf)) {
    const rates = (bundle: string, groups: number) => runsOf(outcomes, `${bundle} ${groups}`);
    const [most] = GROUPS;
    yield {
      title: `FIFO: messages a second, handlers of ${HANDLER_MS} ms, batches of ${BATCH}, table of 5 ms (stub)`,
      tables: [
        {
          head: ['messages a second', ...GROUPS.map((groups) => `${groups} ${groups === 1 ? 'group' : 'groups'}`)],
          rows: Object.keys(BUNDLES).map((bundle) => [
            bundle,
            ...GROUPS.map((groups) => cellOf(outcomes, `${bundle} ${groups}`, (runs) => withSpread(spreadOf(runs)))),
          ]),
        },
      ],
      notes: [runsNote(outcomes)],
      targets: [targetOf(rates('sluice', most), rates('powertools', most))],
      raw: Object.fromEntries(outcomes),
    };
  }
};

function targetOf(ours: readonly number[], theirs: readonly number[]): Target {
  const figure = `FIFO messages a second at ${GROUPS[0]} groups, against powertools`;
  const target = `>= ${LEAST}`;
  if (ours.length === 0 || theirs.length === 0) return { figure, target, measured: 'not measured', met: false };
  const ratio = ratioOf(ours, theirs);
  return { figure, target, measured: withSpread(ratio), met: ratio.median >= LEAST };
}

async function rateOf(name: string): Promise<number> {
  const [bundle, groups] = name.split(' ') as [keyof typeof BUNDLES, string];
  const measured = await measure({
    bundle: BUNDLES[bundle],
    mode: 'stub',
    batch: BATCH,
    records: RECORDS,
    warmUp: 100,
    warmUpBatch: BATCH,
    fifo: { groups: Number(groups), ms: HANDLER_MS },
    table: { latencyMs: 5 },
    environment: {
      QUEUE_URL: 'http://127.0.0.1/000000000000/bench-entries.fifo',
      DLQ_URL: 'http://127.0.0.1/000000000000/bench-entries-dlq.fifo',
      DEFAULT_TYPE: 'entry',
      // What is said of each message costs the same in both, and is not what is measured.
      LOG_LEVEL: 'WARN',
    },
  });
  if (!isRight(measured)) throw new Error('not all jobs were done, each once');
  return measured.records / (measured.wallMs / 1_000);
}

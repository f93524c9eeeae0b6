import { measure } from '../measure.ts';
import type { Job } from '../process/event.ts';
import { ratioText, spreadOf, withSpread } from '../statistics.ts';
import type { Behaviour } from '../stub/table.ts';
import { atMost, type Figure } from './figure.ts';
import { lastWritten, listSchedule } from './ideal.ts';

const CONCURRENCY = 10;
const JOBS = 600;

interface Scenario {
  readonly name: string;
  readonly type: 'triple' | 'claimed';
  readonly table: Behaviour;
  /** One target line is made of these. */
  readonly counts: boolean;
}

/** About 165 jobs a second come out of the slots, so 100 write units a second are too few once the bucket is empty. */
const SCENARIOS: readonly Scenario[] = [
  { name: 'table of 5 ms', type: 'triple', table: { latencyMs: 5 }, counts: true },
  { name: 'slow table, 50 ms', type: 'triple', table: { latencyMs: 50 }, counts: true },
  {
    name: 'throttling table, 100 units/s',
    type: 'triple',
    table: { latencyMs: 5, writeUnitsPerSecond: 100 },
    counts: true,
  },
  { name: 'with claims, table of 5 ms', type: 'claimed', table: { latencyMs: 5 }, counts: true },
  { name: 'with claims, slow table, 50 ms', type: 'claimed', table: { latencyMs: 50 }, counts: true },
];

/** How long a batch of mixed job times takes, against workers that lose no time at all between jobs. */
export const makespan: Figure = async ({ repeats, say }) => {
  const ratios = new Map<string, number[]>(SCENARIOS.map(({ name }) => [name, []]));
  const walls = new Map<string, number[]>(SCENARIOS.map(({ name }) => [name, []]));
  for (let run = 1; run <= repeats; run++) {
    for (const { name, type, table } of SCENARIOS) {
      const measured = await measure({
        bundle: 'sleeping',
        mode: 'stub',
        jobs: mixedJobs(`makespan-${run}`, type),
        warmUp: 0,
        table,
        environment: { WORKER_CONCURRENCY: String(CONCURRENCY) },
      });
      if (measured.failed + (measured.lost ?? 0) + (measured.doubles ?? 0) > 0)
        throw new Error(`${name}: not all jobs done`);
      const ends = listSchedule(measured.jobMs ?? [], CONCURRENCY);
      const rate = table.writeUnitsPerSecond;
      const ideal = rate ? Math.max(lastWritten(ends, rate), ...ends) : Math.max(...ends);
      ratios.get(name)?.push(measured.wallMs / ideal);
      walls.get(name)?.push(measured.wallMs / 1_000);
    }
    say(`makespan, run ${run} of ${repeats}`);
  }
  return {
    title: `Makespan of ${JOBS} jobs of 20 to 400 ms, ${CONCURRENCY} at once, against the ideal (stub)`,
    tables: [
      {
        head: ['', 'seconds', 'against the ideal'],
        rows: SCENARIOS.map(({ name }) => [
          name,
          withSpread(spreadOf(walls.get(name) ?? [])),
          withSpread(spreadOf(ratios.get(name) ?? [])),
        ]),
      },
    ],
    notes: [
      'The ideal takes the jobs in the order of the batch, with the times that their handlers really took, and stores',
      'results in no time; with a throttling table it waits for exactly the units that are missing.',
    ],
    targets: SCENARIOS.filter(({ counts }) => counts).map(({ name }) =>
      atMost(`makespan against the ideal, ${name}`, 1.05, spreadOf(ratios.get(name) ?? []).median, ratioText),
    ),
    raw: Object.fromEntries(ratios),
  };
};

/** Most jobs are short, some are ten times as long: what a queue of mixed work looks like. The same in every run. */
function mixedJobs(prefix: string, type: string): Job[] {
  return Array.from({ length: JOBS }, (_, i) => {
    const ms = i % 20 === 7 ? 400 : i % 4 === 1 ? 80 : 20;
    return { type, job_id: `${prefix}-${type}-${i}`, value: i, ms };
  });
}

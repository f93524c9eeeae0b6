import { measure } from '../measure.ts';
import { isRight } from '../process/correctness.ts';
import type { Job } from '../process/event.ts';
import { type Outcomes, runsNote, runsOf, takeTurns } from '../rounds.ts';
import { ratioText, spreadOf, withSpread } from '../statistics.ts';
import type { Behaviour } from '../stub/table.ts';
import { atMost, cellOf, type Figure, type Finding } from './figure.ts';
import { lastWritten, listSchedule } from './ideal.ts';

const CONCURRENCY = 10;
const JOBS = 600;

interface Scenario {
  readonly type: 'triple' | 'claimed';
  readonly table: Behaviour;
}

/** The slots finish about 165 jobs a second. So 100 write units a second are too few once the bucket is empty. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'table of 5 ms': { type: 'triple', table: { latencyMs: 5 } },
  'slow table, 50 ms': { type: 'triple', table: { latencyMs: 50 } },
  'throttling table, 100 units/s': { type: 'triple', table: { latencyMs: 5, writeUnitsPerSecond: 100 } },
  'with claims, table of 5 ms': { type: 'claimed', table: { latencyMs: 5 } },
  'with claims, slow table, 50 ms': { type: 'claimed', table: { latencyMs: 50 } },
};

interface Span {
  readonly seconds: number;
  /** Measured time divided by the ideal. */
  readonly ratio: number;
}

/** How long a batch of mixed job times takes, compared with workers that lose no time between jobs. */
export const makespan: Figure = async function* (settings) {
  const rounds = takeTurns(Object.keys(SCENARIOS), settings, (name) => spanOf(SCENARIOS[name] as Scenario));
  for await (const outcomes of rounds) yield report(outcomes);
};

async function spanOf({ type, table }: Scenario): Promise<Span> {
  const measured = await measure({
    bundle: 'sleeping',
    mode: 'stub',
    jobs: mixedJobs('makespan', type),
    warmUp: 0,
    table,
    environment: { WORKER_CONCURRENCY: String(CONCURRENCY) },
  });
  if (!isRight(measured)) throw new Error('not all jobs were done, each once');
  const ends = listSchedule(measured.jobMs ?? [], CONCURRENCY);
  const rate = table.writeUnitsPerSecond;
  const ideal = rate ? Math.max(lastWritten(ends, rate), ...ends) : Math.max(...ends);
  return { seconds: measured.wallMs / 1_000, ratio: measured.wallMs / ideal };
}

function report(outcomes: Outcomes<Span>): Finding {
  const names = [...outcomes.keys()];
  const cell = (name: string, value: (span: Span) => number) =>
    cellOf(outcomes, name, (runs) => withSpread(spreadOf(runs.map(value))));
  const ratios = (name: string) => spreadOf(runsOf(outcomes, name).map(({ ratio }) => ratio));
  return {
    title: `Makespan of ${JOBS} jobs of 20 to 400 ms, ${CONCURRENCY} at once, against the ideal (stub)`,
    tables: [
      {
        head: ['', 'seconds', 'against the ideal'],
        rows: names.map((name) => [name, cell(name, (span) => span.seconds), cell(name, (span) => span.ratio)]),
      },
    ],
    notes: [
      runsNote(outcomes),
      'The ideal takes the jobs in the order of the batch, with the times that their handlers really took, and stores',
      'results in no time; with a throttling table it waits for exactly the units that are missing.',
    ],
    targets: names.map((name) => atMost(`makespan against the ideal, ${name}`, 1.05, () => ratios(name), ratioText)),
    raw: Object.fromEntries(outcomes),
  };
}

/** Most jobs are short, and some are ten times as long, like a queue of mixed work. They are the same in every run. */
function mixedJobs(prefix: string, type: string): Job[] {
  return Array.from({ length: JOBS }, (_, i) => {
    const ms = i % 20 === 7 ? 400 : i % 4 === 1 ? 80 : 20;
    return { type, job_id: `${prefix}-${type}-${i}`, value: i, ms };
  });
}

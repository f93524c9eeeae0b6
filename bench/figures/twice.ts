import { measure, StubServer } from '../measure.ts';
import { freshJobs } from '../process/event.ts';
import { type Outcomes, runsNote, takeTurns } from '../rounds.ts';
import { spreadOf, withSpread, withWorst } from '../statistics.ts';
import { cellOf, exactly, type Figure, type Finding } from './figure.ts';

const JOBS = 700;
const LATENCY_MS = 20;
/** Both processes have loaded and warmed up by then, so they begin at the same moment. */
const HEAD_START_MS = 3_000;

interface Both {
  readonly results: number;
  readonly doubles: number;
  readonly failed: number;
}

/**
 * Sends the same batch to two processes at the same moment. There must be one accepted write for each job, and no
 * failure.
 */
export const twice: Figure = async function* (settings) {
  const server = await StubServer.start();
  try {
    const rounds = takeTurns(settings.variants, settings, (variant, round) => toBoth(server, variant, round));
    for await (const outcomes of rounds) yield report(outcomes);
  } finally {
    server.close();
  }
};

async function toBoth(server: StubServer, bundle: string, round: number): Promise<Both> {
  await server.reset({ latencyMs: LATENCY_MS });
  const jobs = freshJobs(`twice-${bundle}-${round}`, JOBS);
  const startAt = Date.now() + HEAD_START_MS;
  const order = { bundle, mode: 'http', endpoint: server.endpoint, jobs, startAt, warmUp: 100 } as const;
  const both = await Promise.all([measure({ ...order, warmUpBatch: 100 }), measure({ ...order, warmUpBatch: 100 })]);
  const { results, doubles } = await server.ledger();
  const stored = jobs.filter(({ job_id, value }) => results.get(job_id) === value * 3).length;
  return { results: stored, doubles, failed: both[0].failed + both[1].failed };
}

function report(outcomes: Outcomes<Both>): Finding {
  const names = [...outcomes.keys()];
  const cell = (name: string, value: (run: Both) => number) =>
    cellOf(outcomes, name, (runs) => withWorst(spreadOf(runs.map(value))));
  const doubles = (name: string) => cell(name, (run) => run.doubles);
  const failed = (name: string) => cell(name, (run) => run.failed);
  const results = (name: string) =>
    cellOf(outcomes, name, (runs) => withSpread(spreadOf(runs.map((run) => run.results)), String));
  const wrong = (name: string) => cell(name, (run) => run.doubles + run.failed);
  return {
    title: `The same ${JOBS} jobs to two processes at once (http)`,
    tables: [
      {
        head: ['', 'right results', 'written twice', 'reported as failures'],
        rows: names.map((name) => [name, results(name), doubles(name), failed(name)]),
      },
    ],
    notes: [runsNote(outcomes)],
    targets: [
      exactly(
        'the same jobs to two processes at once',
        '0 double writes, 0 reported as failures',
        `${doubles('sluice')} double writes, ${failed('sluice')} reported as failures`,
      ),
    ],
    headlines: [
      {
        figure: `of ${JOBS} jobs given to two processes at once, doubled or reported as failed`,
        cells: Object.fromEntries(names.map((name) => [name, wrong(name)])),
      },
    ],
    raw: Object.fromEntries(outcomes),
  };
}

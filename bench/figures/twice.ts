import { measure, StubServer } from '../measure.ts';
import { freshJobs } from '../process/event.ts';
import { exactly, type Figure } from './figure.ts';

const JOBS = 700;
const LATENCY_MS = 20;
/** Both processes have loaded and warmed up by then, and begin at the same moment. */
const HEAD_START_MS = 4_000;

/** The same batch to two processes at the same moment: one accepted write for each job, and no failure. */
export const twice: Figure = async ({ variants, say }) => {
  const server = await StubServer.start();
  const outcomes = new Map<string, { results: number; doubles: number; failed: number }>();
  try {
    for (const variant of variants) {
      await server.reset({ latencyMs: LATENCY_MS });
      const jobs = freshJobs(`twice-${variant}`, JOBS);
      const startAt = Date.now() + HEAD_START_MS;
      const order = { bundle: variant, mode: 'http', endpoint: server.endpoint, jobs, startAt, warmUp: 100 } as const;
      const both = await Promise.all([
        measure({ ...order, warmUpBatch: 100 }),
        measure({ ...order, warmUpBatch: 100 }),
      ]);
      const { results, doubles } = await server.ledger();
      const stored = jobs.filter(({ job_id, value }) => results.get(job_id) === value * 3).length;
      outcomes.set(variant, { results: stored, doubles, failed: both[0].failed + both[1].failed });
      say(`the same ${JOBS} jobs to two processes, ${variant}`);
    }
  } finally {
    server.close();
  }
  const sluice = outcomes.get('sluice');
  return {
    title: `The same ${JOBS} jobs to two processes at once (http)`,
    tables: [
      {
        head: ['', 'right results', 'written twice', 'reported as failures'],
        rows: [...outcomes].map(([variant, { results, doubles, failed }]) => [
          variant,
          String(results),
          String(doubles),
          String(failed),
        ]),
      },
    ],
    targets: [
      exactly(
        'the same jobs to two processes at once',
        '0 double writes, 0 reported as failures',
        `${sluice?.doubles} double writes, ${sluice?.failed} reported as failures`,
      ),
    ],
    raw: Object.fromEntries(outcomes),
  };
};

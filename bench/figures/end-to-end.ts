import { type Outcomes, runsNote, takeTurns } from '../rounds.ts';
import { spreadOf, withSpread } from '../statistics.ts';
import { AT_ONCE, oneRun, packageFor, type Run } from './end-to-end-run.ts';
import { cellOf, type Figure, type Finding } from './figure.ts';

const BATCHES = [10, 100, 1_000] as const;

const ROWS: readonly (readonly [string, (run: Run) => number])[] = [
  ['messages/s from send to stored result', (run) => (1_000 * run.jobs) / (run.sendingMs + run.storingMs)],
  ['messages/s from queue to stored result', (run) => (1_000 * run.jobs) / run.storingMs],
  ['messages/s sent', (run) => (1_000 * run.jobs) / run.sendingMs],
  ['sending, share of the time', (run) => run.sendingMs / (run.sendingMs + run.storingMs)],
  ['queue to result, share of the time', (run) => run.storingMs / (run.sendingMs + run.storingMs)],
  ['of the latter inside the function, share', (run) => run.functionMs / (AT_ONCE * run.storingMs)],
  ['invocations', (run) => run.invocations],
  ['function, ms a job', (run) => run.functionMs / run.jobs],
  ['producer and queue while sending, CPU ms a job', (run) => run.sendingCpuMs / run.jobs],
  ['queue, mapping and table while storing, CPU ms a job', (run) => run.storingCpuMs / run.jobs],
];

/** From send to stored result through the packaged service on the embedded cloud, by batch size. */
export const endToEnd: Figure = async function* (settings) {
  for (const batch of BATCHES) packageFor(batch);
  const rounds = takeTurns(BATCHES.map(String), settings, (batch, round) =>
    oneRun(settings.jobs, batch, `e${batch}-${round}`),
  );
  for await (const outcomes of rounds) yield report(outcomes, settings.jobs);
};

function report(outcomes: Outcomes<Run>, jobs: number): Finding {
  const names = [...outcomes.keys()];
  const cell = (name: string, value: (run: Run) => number) =>
    cellOf(outcomes, name, (runs) => withSpread(spreadOf(runs.map(value))));
  return {
    title: `End to end on the embedded cloud: ${jobs.toLocaleString('en-US')} jobs from send to stored result`,
    tables: [
      {
        head: ['', ...names.map((batch) => `batch size ${batch}`)],
        rows: ROWS.map(([label, value]) => [label, ...names.map((name) => cell(name, value))]),
      },
    ],
    notes: [
      runsNote(outcomes),
      'All messages are in the queue before the mapping begins to poll, so that the second part is the service alone. The',
      'queue, the mapping and the table are emulated in this one process, on the same CPUs as the function: the figure',
      `says what the laptop cloud does, not what AWS does. The mapping has a window of 1 s, ${AT_ONCE} at once.`,
    ],
    targets: [],
    raw: Object.fromEntries(outcomes),
  };
}

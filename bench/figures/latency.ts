import { measure, StubServer } from '../measure.ts';
import { isRight } from '../process/correctness.ts';
import type { Measured } from '../process/session.ts';
import { type Outcomes, runsNote, runsOf, takeTurns } from '../rounds.ts';
import { ratioOf, ratioText, short, spreadOf, withSpread } from '../statistics.ts';
import { atMost, cellOf, type Figure, type Finding, peersBounded } from './figure.ts';

const BATCH = 10_000;
const LATENCY_MS = 20;

/** Wall time of a large batch with a table that takes 20 ms to answer, over HTTP with the SDK's own sockets. */
export const latency: Figure = async function* (settings) {
  const server = await StubServer.start();
  try {
    const rounds = takeTurns(settings.variants, { ...settings, budgetMs: peersBounded }, async (bundle) => {
      await server.reset({ latencyMs: LATENCY_MS });
      return measure({ bundle, mode: 'http', endpoint: server.endpoint, batch: BATCH, warmUp: 1_000 });
    });
    for await (const outcomes of rounds) yield report(outcomes);
  } finally {
    server.close();
  }
};

function report(outcomes: Outcomes<Measured>): Finding {
  const names = [...outcomes.keys()];
  const seconds = (name: string) => {
    const runs = runsOf(outcomes, name);
    return !runs.every(isRight) ? [] : runs.map(({ wallMs }) => wallMs / 1_000);
  };
  const cell = (name: string, text: (values: readonly number[]) => string) =>
    cellOf(outcomes, name, (runs) => (runs.every(isRight) ? text(seconds(name)) : 'out: lost, doubled or failed'));
  return {
    title: `Wall time of a batch of 10,000 at ${LATENCY_MS} ms table latency (http)`,
    tables: [
      {
        head: ['', 'seconds'],
        rows: names.map((name) => [name, cell(name, (values) => withSpread(spreadOf(values)))]),
      },
    ],
    notes: [runsNote(outcomes)],
    targets: outcomes.has('powertools')
      ? [
          atMost(
            `wall time, batch of 10,000, ${LATENCY_MS} ms table latency, against powertools`,
            1 / 10,
            () => ratioOf(seconds('sluice'), seconds('powertools')),
            ratioText,
          ),
        ]
      : [],
    headlines: [
      {
        figure: `10,000 jobs at ${LATENCY_MS} ms table latency, seconds`,
        cells: Object.fromEntries(names.map((name) => [name, cell(name, (values) => short(spreadOf(values).median))])),
      },
    ],
    raw: Object.fromEntries(outcomes),
  };
}

import { measure } from '../measure.ts';
import { isRight } from '../process/correctness.ts';
import { type Outcomes, runsNote, takeTurns } from '../rounds.ts';
import { short, spreadOf, withSpread } from '../statistics.ts';
import { cellOf, exactly, type Figure, type Finding, peersBounded } from './figure.ts';

const BATCH = 10_000;
const HEAP_MB = 128;
const FIGURE = `a batch of ${BATCH.toLocaleString('en-US')} under a ${HEAP_MB} MB heap limit`;

interface Ending {
  readonly ending: 'finishes' | 'out of memory' | 'wrong results';
  readonly peakMb?: number;
}

/** Whether a batch of 10,000 can be processed with a heap of 128 MB. The stub's 10,000 items are in the same heap. */
export const memory: Figure = async function* (settings) {
  const rounds = takeTurns(settings.variants, { ...settings, budgetMs: peersBounded }, endingOf);
  for await (const outcomes of rounds) yield report(outcomes);
};

async function endingOf(bundle: string): Promise<Ending> {
  const nodeOptions = [`--max-old-space-size=${HEAP_MB}`];
  try {
    const measured = await measure({ bundle, mode: 'stub', batch: BATCH, warmUp: 0, nodeOptions });
    return { ending: isRight(measured) ? 'finishes' : 'wrong results', peakMb: measured.peakMb };
  } catch (error) {
    if (/heap out of memory/.test(String(error))) return { ending: 'out of memory' };
    throw error;
  }
}

function report(outcomes: Outcomes<Ending>): Finding {
  const worst = (runs: readonly Ending[]) => runs.find(({ ending }) => ending !== 'finishes') ?? runs[0];
  const cell = (name: string, text: (runs: readonly Ending[]) => string) => cellOf(outcomes, name, text);
  const often = (runs: readonly Ending[]) =>
    `${runs.filter(({ ending }) => ending === 'finishes').length} of ${runs.length}`;
  const peak = (runs: readonly Ending[]) => {
    const peaks = runs.flatMap(({ peakMb }) => peakMb ?? []);
    return peaks.length > 0 ? withSpread(spreadOf(peaks), (mb) => short(Math.round(mb))) : '-';
  };
  const names = [...outcomes.keys()];
  const ending = (name: string) => cell(name, (runs) => worst(runs)?.ending ?? '-');
  return {
    title: `A batch of 10,000 under --max-old-space-size=${HEAP_MB}`,
    tables: [
      {
        head: ['', 'worst outcome', 'runs that finish', 'peak, MB'],
        rows: names.map((name) => [name, ending(name), cell(name, often), cell(name, peak)]),
      },
    ],
    notes: [runsNote(outcomes)],
    targets: [exactly(FIGURE, 'finishes', ending('sluice'))],
    headlines: [{ figure: FIGURE, cells: Object.fromEntries(names.map((name) => [name, ending(name)])) }],
    raw: Object.fromEntries(outcomes),
  };
}

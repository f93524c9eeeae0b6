import type { Figure, Finding, Settings } from './figures/figure.ts';
import { load, type Measurement } from './results.ts';

const NOTHING: Omit<Finding, 'title'> = { tables: [], targets: [], raw: {} };

/** Yields a figure after each round. An error that ends it early is never thrown; it is in the last measurement. */
export async function* measureFigure(figure: Figure, settings: Settings): AsyncGenerator<Measurement> {
  const began = { at: new Date().toISOString(), load: load() };
  const started = performance.now();
  let finding: Finding = { title: 'Not measured', ...NOTHING };
  let rounds = 0;
  const soFar = () => ({ ...began, finding, rounds, seconds: Math.round((performance.now() - started) / 1_000) });
  try {
    for await (finding of figure(settings)) {
      rounds += 1;
      yield { ...soFar(), complete: false };
    }
    yield { ...soFar(), complete: true };
  } catch (error) {
    settings.say(`it ended early: ${error}`);
    yield { ...soFar(), complete: false, error: String(error) };
  }
}

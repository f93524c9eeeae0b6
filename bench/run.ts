import { existsSync } from 'node:fs';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { bundleAll, VARIANTS } from './bundle.ts';
import { FIGURES } from './figures/all.ts';
import { FIGURE_NAMES, type FigureName, type Settings } from './figures/figure.ts';
import { quick } from './figures/quick.ts';
import { measureFigure } from './measure-figure.ts';
import { checkPeers } from './peers.ts';
import { printFinding, printTargets } from './print.ts';
import { machine, type Results, readResults, writeResults } from './results.ts';

const USAGE = `Measures Sluice beside its peers on this machine, interleaved, each run in a process of its own.

  npm ci --prefix bench && npm run bench [-- options]

  --only FIGURE         one of: ${FIGURE_NAMES.join(', ')}; may be given several times
  --repeats N           runs of each measurement (default 7)
  --warm-up N           records through each process before it is measured (default 20000), at most
  --warm-up-seconds N   and no more CPU time than this (default 12)
  --jobs N              jobs that go end to end (default 5000)
  --json FILE           writes every number of every run, after each round
  --resume              leaves out what FILE already has
  --quick               the guard for CI: ratios with room, under a minute; exits with 1 where one does not hold
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      repeats: { type: 'string', default: '7' },
      'warm-up': { type: 'string', default: '20000' },
      'warm-up-seconds': { type: 'string', default: '12' },
      jobs: { type: 'string', default: '5000' },
      json: { type: 'string' },
      resume: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const chosen = chosenFigures(values.only);
  checkPeers();
  console.log(machine());
  const settings: Settings = {
    repeats: Number(values.repeats),
    warmUp: Number(values['warm-up']),
    warmUpCpuMs: 1_000 * Number(values['warm-up-seconds']),
    variants: VARIANTS,
    bundles: await bundleAll(),
    jobs: Number(values.jobs),
    say: (line) => console.error(`  ${line}`),
  };
  if (values.quick) {
    const { targets } = await quick(settings);
    printTargets(targets);
    return targets.every(({ met }) => met) ? 0 : 1;
  }
  return measureAllOf(chosen, settings, values);
}

/** @throws Error for a name that is not a figure */
function chosenFigures(names: readonly string[]): readonly FigureName[] {
  const unknown = names.find((name) => !FIGURE_NAMES.some((known) => known === name));
  if (unknown) throw new Error(`there is no figure "${unknown}"; there are ${FIGURE_NAMES.join(', ')}`);
  return names.length > 0 ? (names as FigureName[]) : FIGURE_NAMES;
}

/**
 * Measures one figure after another. A figure that fails is reported, and the others go on. @returns 1 where one failed
 */
async function measureAllOf(
  chosen: readonly FigureName[],
  settings: Settings,
  { json, resume }: { readonly json?: string; readonly resume: boolean },
): Promise<number> {
  const { repeats, warmUp, warmUpCpuMs } = settings;
  const before = json && resume && existsSync(json) ? readResults(json) : undefined;
  // With mixed settings a page could say "7 repeats" of figures that had 3.
  if (before && !isDeepStrictEqual(before.settings, { repeats, warmUp, warmUpCpuMs }))
    throw new Error(`${json} was measured with ${JSON.stringify(before.settings)}: give the same, or another file`);
  let results: Results = before ?? { machine: machine(), settings: { repeats, warmUp, warmUpCpuMs }, measurements: {} };
  for (const name of chosen) {
    if (results.measurements[name]?.complete) continue;
    settings.say(name);
    for await (const measurement of measureFigure(FIGURES[name], settings)) {
      results = { ...results, measurements: { ...results.measurements, [name]: measurement } };
      if (json) writeResults(json, results);
    }
    printFinding(results.measurements[name]);
  }
  const measurements = chosen.flatMap((name) => results.measurements[name] ?? []);
  printTargets(measurements.flatMap(({ finding }) => finding.targets));
  return measurements.every(({ complete }) => complete) ? 0 : 1;
}

process.exitCode = await main();

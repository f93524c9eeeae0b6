import { writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { bundleAll, VARIANTS } from './bundle.ts';
import { batches, overHttp } from './figures/batches.ts';
import { coldStart } from './figures/cold-start.ts';
import type { Finding, Settings, Target } from './figures/figure.ts';
import { latency } from './figures/latency.ts';
import { makespan } from './figures/makespan.ts';
import { memory } from './figures/memory.ts';
import { quick } from './figures/quick.ts';
import { throttled } from './figures/throttled.ts';
import { twice } from './figures/twice.ts';
import { checkPeers } from './peers.ts';

const USAGE = `Measures Sluice beside its peers on this machine, interleaved, each run in a process of its own.

  npm ci --prefix bench && npm run bench [-- options]

  --only FIGURE     one of: FIGURES; may be given several times
  --repeats N       runs of each measurement (default 7)
  --warm-up N       records through each process before it is measured (default 20000)
  --jobs N          jobs that go end to end (default 5000)
  --json FILE       writes every number of every run
  --quick           the guard for CI: ratios with room, under a minute; exits with 1 where one does not hold
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      repeats: { type: 'string', default: '7' },
      'warm-up': { type: 'string', default: '20000' },
      jobs: { type: 'string', default: '5000' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const settings: Settings = {
    repeats: Number(values.repeats),
    warmUp: Number(values['warm-up']),
    variants: VARIANTS,
    jobs: Number(values.jobs),
    say: (line) => console.error(`  ${line}`),
  };
  const figures: Record<string, () => Promise<Finding>> = {
    batches: () => batches(settings),
    http: () => overHttp(settings),
    cold: async () => coldStart(settings, await bundles),
    memory: () => memory(settings),
    latency: () => latency(settings),
    throttled: () => throttled(settings),
    twice: () => twice(settings),
    makespan: () => makespan(settings),
    // The embedded cloud is the one part that needs a packaged service; nothing else should load it.
    'end-to-end': async () => (await import('./figures/end-to-end.ts')).endToEnd(settings),
  };
  if (values.help) {
    console.log(USAGE.replace('FIGURES', Object.keys(figures).join(', ')));
    return 0;
  }
  const chosen = values.only.length > 0 ? values.only : Object.keys(figures);
  const unknown = chosen.find((name) => !figures[name]);
  if (unknown) throw new Error(`there is no figure "${unknown}"; there are ${Object.keys(figures).join(', ')}`);

  checkPeers();
  const bundles = bundleAll();
  await bundles;
  console.log(machine());
  const findings: Record<string, Finding> = {};
  if (values.quick) findings.quick = await quick(settings);
  else {
    for (const name of chosen) {
      const finding = await (figures[name] as () => Promise<Finding>)();
      findings[name] = finding;
      print(finding);
    }
  }
  const targets = Object.values(findings).flatMap((finding) => finding.targets);
  printTargets(targets);
  if (values.json) {
    const file = { machine: machine(), at: new Date().toISOString(), settings: values, findings };
    writeFileSync(values.json, `${JSON.stringify(file, undefined, 1)}\n`);
  }
  return values.quick && targets.some(({ met }) => !met) ? 1 : 0;
}

function machine(): string {
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
  return `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, load ${load}`;
}

function print({ title, tables, notes = [] }: Finding): void {
  console.log(`\n${title}`);
  for (const { head, rows } of tables) {
    const table = new Table({ head: [...head], style: { head: [], border: [] } });
    table.push(...rows.map((row) => [...row]));
    console.log(table.toString());
  }
  for (const note of notes) console.log(note);
}

function printTargets(targets: readonly Target[]): void {
  if (targets.length === 0) return;
  const table = new Table({ head: ['figure', 'target', 'measured', 'met'], style: { head: [], border: [] } });
  table.push(...targets.map(({ figure, target, measured, met }) => [figure, target, measured, met ? 'yes' : 'NO']));
  console.log(`\nTargets\n${table.toString()}`);
}

process.exitCode = await main();

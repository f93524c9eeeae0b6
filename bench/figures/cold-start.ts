import { join } from 'node:path';
import { type Bundle, bundleFile, OUT } from '../bundle.ts';
import { runProcess, StubServer } from '../measure.ts';
import { type Outcomes, runsNote, runsOf, takeTurns } from '../rounds.ts';
import { ratioOf, ratioText, short, spreadOf, withSpread } from '../statistics.ts';
import { atMost, cellOf, type Figure, type Finding, type Settings } from './figure.ts';

interface FirstAnswer {
  readonly wallMs: number;
  readonly loadMs: number;
  readonly answerMs: number;
  /** CPU of the whole process until then. It varies less than wall time on a busy machine. */
  readonly cpuMs: number;
  readonly builtins: readonly string[];
}

/** A cold start is short, so it is measured often. */
const TIMES = 3;
const EMPTY = 'empty';

/** From the start of the process to the first answer, with the bundle as it is deployed, over HTTP. */
export const coldStart: Figure = async function* (settings) {
  const server = await StubServer.start();
  const repeats = TIMES * settings.repeats;
  try {
    const rounds = takeTurns([EMPTY, ...settings.variants], { ...settings, repeats }, (name, round) =>
      firstAnswer(server, name, round),
    );
    for await (const outcomes of rounds) yield report(outcomes, settings.bundles);
  } finally {
    server.close();
  }
};

async function firstAnswer(server: StubServer, name: string, round: number): Promise<FirstAnswer> {
  const args = [join(OUT, 'process/first-answer.cjs'), bundleFile(name, 'http'), `${name}${round}`];
  const { output, wallMs } = await runProcess(args, { AWS_ENDPOINT_URL: server.endpoint }, 30_000);
  const measured = JSON.parse(output);
  if (measured.failed > 0) throw new Error(`${name} failed its first job`);
  return { wallMs, ...measured };
}

function report(outcomes: Outcomes<FirstAnswer>, bundles: Settings['bundles']): Finding {
  const names = [...outcomes.keys()];
  const empty = spreadOf(runsOf(outcomes, EMPTY).map((run) => run.wallMs)).median;
  const added = ({ wallMs }: FirstAnswer) => wallMs - empty;
  const emptyBuiltins = new Set(outcomes.get(EMPTY)?.runs[0]?.builtins);
  const cell = (name: string, value: (run: FirstAnswer) => number) =>
    cellOf(outcomes, name, (runs) => withSpread(spreadOf(runs.map(value))));
  const loaded = (run: FirstAnswer) => run.builtins.filter((builtin) => !emptyBuiltins.has(builtin)).length;
  const target = (peer: string, limit: number) => {
    const figure = `cold start added to an empty function's, against ${peer}`;
    const ratio = () => ratioOf(runsOf(outcomes, 'sluice').map(added), runsOf(outcomes, peer).map(added));
    return outcomes.has(peer) ? [atMost(figure, limit, ratio, ratioText)] : [];
  };
  const rows = names.map((name) => [
    name,
    cell(name, (run) => run.wallMs),
    name === EMPTY ? '-' : cell(name, added),
    cell(name, (run) => run.loadMs),
    cell(name, (run) => run.answerMs),
    cell(name, (run) => run.cpuMs),
    short((bundles[name]?.bytes ?? 0) / 1024),
    cell(name, loaded),
    outcomes.get(name)?.runs[0]?.builtins.some((builtin) => builtin.includes('undici')) ? 'yes' : 'no',
  ]);
  const head = [
    '',
    'ms',
    'added to empty',
    'loading',
    'first answer',
    'CPU, ms',
    'bundle, KB',
    'Node modules loaded',
    'undici',
  ];
  return {
    title: 'Cold start: process start to first answer (http)',
    tables: [
      { head, rows },
      { head: ['what is in the bundle', 'KB'], rows: contents(bundles.sluice) },
    ],
    notes: [runsNote(outcomes)],
    targets: [...target('powertools', 1 / 2), ...target('bare', 1.1)],
    raw: Object.fromEntries(names.map((name) => [name, withoutBuiltins(outcomes, name)])),
  };
}

function withoutBuiltins(outcomes: Outcomes<FirstAnswer>, name: string) {
  const { runs = [], ...rest } = outcomes.get(name) ?? {};
  return { ...rest, runs: runs.map(({ builtins, ...run }) => run) };
}

/** Bytes of the bundle by package, largest first. */
function contents(bundle: Bundle | undefined): string[][] {
  const output = Object.values(bundle?.metafile.outputs ?? {})[0];
  const packages = new Map<string, number>();
  for (const [file, { bytesInOutput }] of Object.entries(output?.inputs ?? {})) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? 'our code';
    packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
  }
  const sorted = [...packages].sort((a, b) => b[1] - a[1]).slice(0, 14);
  return sorted.map(([name, bytes]) => [name, short(bytes / 1024)]);
}

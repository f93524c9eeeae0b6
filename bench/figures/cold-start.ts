import { join } from 'node:path';
import { type Bundle, bundleFile, OUT } from '../bundle.ts';
import { runProcess, StubServer } from '../measure.ts';
import { ratioText, short, spreadOf, withSpread } from '../statistics.ts';
import { atMost, type Finding, type Settings } from './figure.ts';

interface FirstAnswer {
  readonly wallMs: number;
  readonly loadMs: number;
  readonly answerMs: number;
  /** Of the whole process until then; steadier than a time on a machine that does other things. */
  readonly cpuMs: number;
  readonly builtins: readonly string[];
}

/** A cold start is short, so it can be measured often. */
const TIMES = 3;

/** From the start of the process to the first answer, of the bundle as it is deployed, over HTTP. */
export async function coldStart(settings: Settings, bundles: Record<string, Bundle>): Promise<Finding> {
  const server = await StubServer.start();
  const names = ['empty', ...settings.variants];
  const runs = new Map<string, FirstAnswer[]>(names.map((name) => [name, []]));
  try {
    for (let run = 0; run < TIMES * settings.repeats; run++) {
      for (const name of names) {
        const args = [join(OUT, 'process/first-answer.cjs'), bundleFile(name, 'http'), `${name}${run}`];
        const { output, wallMs } = await runProcess(args, { AWS_ENDPOINT_URL: server.endpoint }, 30_000);
        const measured = JSON.parse(output);
        if (measured.failed > 0) throw new Error(`${name} failed its first job`);
        runs.get(name)?.push({ wallMs, ...measured });
      }
    }
  } finally {
    server.close();
  }
  settings.say(`cold starts, ${TIMES * settings.repeats} of each`);

  const spread = (name: string, value: (run: FirstAnswer) => number) => spreadOf((runs.get(name) ?? []).map(value));
  const empty = spread('empty', (run) => run.wallMs).median;
  const added = (name: string) => spread(name, (run) => run.wallMs).median - empty;
  const emptyBuiltins = new Set(runs.get('empty')?.[0]?.builtins);
  const rows = names.map((name) => [
    name,
    withSpread(spread(name, (run) => run.wallMs)),
    name === 'empty' ? '-' : short(added(name)),
    short(spread(name, (run) => run.loadMs).median),
    short(spread(name, (run) => run.answerMs).median),
    withSpread(spread(name, (run) => run.cpuMs)),
    short((bundles[name]?.bytes ?? 0) / 1024),
    String(runs.get(name)?.[0]?.builtins.filter((builtin) => !emptyBuiltins.has(builtin)).length),
    runs.get(name)?.[0]?.builtins.some((builtin) => builtin.includes('undici')) ? 'yes' : 'no',
  ]);
  return {
    title: 'Cold start: process start to first answer (http)',
    tables: [
      {
        head: [
          '',
          'ms',
          'added to empty',
          'of it loading',
          'first answer',
          'CPU, ms',
          'bundle, KB',
          'Node modules loaded',
          'undici',
        ],
        rows,
      },
      { head: ['what is in the bundle', 'KB'], rows: contents(bundles.sluice) },
    ],
    targets: [
      ...(runs.has('powertools')
        ? [
            atMost(
              "cold start added to an empty function's, against powertools",
              1 / 2,
              added('sluice') / added('powertools'),
              ratioText,
            ),
          ]
        : []),
      ...(runs.has('bare')
        ? [
            atMost(
              "cold start added to an empty function's, against bare",
              1.1,
              added('sluice') / added('bare'),
              ratioText,
            ),
          ]
        : []),
    ],
    raw: Object.fromEntries([...runs].map(([name, each]) => [name, each.map(({ builtins, ...rest }) => rest)])),
  };
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

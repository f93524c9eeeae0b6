import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { rewritten } from './rewritten.ts';

const here = import.meta.dirname;
const root = join(here, '..');
/**
 * The folder of this run's bundles. Each run has its own, so that two runs do not mix. It is removed when the process
 * ends.
 */
export const OUT = join(here, '.out', String(process.pid));
process.once('exit', () => rmSync(OUT, { recursive: true, force: true }));

/** The function that is measured, and those that it is compared with. */
export const VARIANTS = ['sluice', 'powertools', 'middy', 'bare'] as const;
export type Variant = (typeof VARIANTS)[number];

/**
 * `http` is the bundle as it would be deployed. In `stub`, the SDK's requests are answered in the function's own
 * process.
 */
export type Mode = 'stub' | 'http';

/** Everything that is bundled as a function. */
const ENTRIES: Record<string, string> = {
  sluice: join(root, 'src/functions/jobs.ts'),
  sleeping: join(root, 'src/functions/jobs.ts'),
  unguarded: join(root, 'src/functions/jobs.ts'),
  powertools: join(here, 'variants/powertools.ts'),
  middy: join(here, 'variants/middy.ts'),
  bare: join(here, 'variants/bare.ts'),
  fifo: join(root, 'src/functions/entries.ts'),
  'powertools-fifo': join(here, 'variants/powertools-fifo.ts'),
  empty: join(here, 'variants/empty.ts'),
};

/** A bundle on disk. */
export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  readonly metafile: Metafile;
}

export const bundleFile = (name: string, mode: Mode): string => join(OUT, mode, `${name}.cjs`);

const shed: Plugin = createRequire(import.meta.url)('../build/shed.cjs');

/** The service's production settings, without those that only the Serverless Framework understands. */
function productionSettings(): BuildOptions {
  const { plugins, exclude, packager, skipRebuild, outputFileExtension, ...settings } = createRequire(import.meta.url)(
    '../build/esbuild.cjs',
  )();
  // serverless-esbuild takes the target from the provider's runtime, nodejs24.x.
  return { ...settings, target: 'node24' };
}

/** Bundles every variant in both modes, and the programs that run them. @throws where one cannot be bundled */
export async function bundleAll(): Promise<Record<string, Bundle>> {
  generate();
  const bundles: Record<string, Bundle> = {};
  await Promise.all(
    Object.entries(ENTRIES).flatMap(([name, entry]) =>
      (['stub', 'http'] as const).map(async (mode) => {
        const outfile = bundleFile(name, mode);
        const plugins = pluginsOf(entry);
        if (mode === 'stub') plugins.push(answeredInProcess);
        if (name === 'sleeping') plugins.push(sleepingJobs);
        if (name === 'unguarded') plugins.push(anyBatchSize);
        if (name === 'fifo') plugins.push(sleepingEntry);
        const { metafile } = await build({
          ...productionSettings(),
          entryPoints: [entry],
          outfile,
          plugins,
          metafile: true,
          logLevel: 'error',
        });
        if (mode === 'http') bundles[name] = { file: outfile, bytes: statSync(outfile).size, metafile };
      }),
    ),
  );
  await bundleProcesses();
  return bundles;
}

function generate(): void {
  if (existsSync(join(root, '.generated/jobs.ts'))) return;
  execFileSync(process.execPath, [join(root, 'build/generate.ts')], { stdio: 'inherit' });
}

/** The programs that run the bundles. */
async function bundleProcesses(): Promise<void> {
  await build({
    entryPoints: ['invoke', 'first-answer', 'alternate'].map((name) => join(here, 'process', `${name}.ts`)),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    sourcemap: 'external',
    outdir: join(OUT, 'process'),
    outExtension: { '.js': '.cjs' },
    logLevel: 'error',
  });
}

/** Bundles one variant with readable names and a source map, for profiles. @returns the bundle's name */
export async function bundleReadable(variant: Variant, mode: Mode): Promise<string> {
  const name = `${variant}-readable`;
  await build({
    ...productionSettings(),
    entryPoints: [ENTRIES[variant] as string],
    outfile: bundleFile(name, mode),
    minify: false,
    sourcemap: 'external',
    plugins: [...pluginsOf(ENTRIES[variant] as string), ...(mode === 'stub' ? [answeredInProcess] : [])],
    logLevel: 'error',
  });
  return name;
}

/**
 * Bundles the service with changes of its build or its sources, and the programs that run it.
 *
 * @returns the files, in the order of `changes`
 */
export async function bundleChanged(changes: readonly Change[], mode: Mode): Promise<string[]> {
  generate();
  await bundleProcesses();
  return Promise.all(
    changes.map(async (change, i) => {
      const settings = { ...productionSettings(), ...change.settings };
      const file = bundleFile(`changed-${i}`, mode).replace(/cjs$/, settings.format === 'esm' ? 'mjs' : 'cjs');
      await build({
        ...settings,
        entryPoints: [ENTRIES.sluice as string],
        outfile: file,
        plugins: [...(change.plugins ?? []), shed, ...(mode === 'stub' ? [answeredInProcess] : [])],
        logLevel: 'error',
      });
      return file;
    }),
  );
}

/** A change of a bundle. Its plugins come before the service's own, so that they can replace them. */
export interface Change {
  readonly settings?: BuildOptions;
  readonly plugins?: readonly Plugin[];
}

/**
 * Only the service's build replaces files of the SDK (build/shed.cjs). The peers are bundled as their documentation
 * says.
 */
const pluginsOf = (entry: string): Plugin[] =>
  entry === ENTRIES.sluice || entry === ENTRIES.fifo ? [shed] : [precompiledSchema];

/** Middy's documentation recommends validators that are compiled ahead. This compiles ours. */
const precompiledSchema: Plugin = {
  name: 'precompiled-schema',
  setup(builder) {
    builder.onResolve({ filter: /^bench:precompiled-schema$/ }, ({ path }) => ({ path, namespace: 'bench' }));
    builder.onLoad({ filter: /.*/, namespace: 'bench' }, () => {
      const schema = JSON.parse(readFileSync(join(here, 'variants/schema.json'), 'utf8'));
      const ajv = new Ajv({ code: { source: true, esm: true } });
      return { contents: standaloneCode(ajv, ajv.compile(schema)), resolveDir: here };
    });
  },
};

/** Where the stub takes over: the last function of the SDK before node:http. Everything above it is real. */
const answeredInProcess: Plugin = {
  name: 'answered-in-process',
  setup(builder) {
    builder.onLoad({ filter: /node-http-handler[\\/]dist-es[\\/]node-http-handler\.js$/ }, ({ path }) => ({
      contents:
        readFileSync(path, 'utf8') +
        '\nNodeHttpHandler.prototype.handle = (request, options) => globalThis.sluiceBenchHandle(request, options);\n',
      loader: 'js',
    }));
  },
};

/**
 * Lambda hands out at most 10,000 records, and the function refuses more. One figure has 10,200, so it removes that
 * check.
 */
const anyBatchSize = rewritten('src/middleware/batch/sqs-event.ts', [
  ['MAX_RECORDS = 10_000', 'MAX_RECORDS = 1_000_000'],
]);

const sleepingJobs: Plugin = {
  name: 'sleeping-jobs',
  setup(builder) {
    builder.onResolve({ filter: /^#jobs$/ }, () => ({ path: join(here, 'variants/sleeping-jobs.ts') }));
  },
};

const sleepingEntry: Plugin = {
  name: 'sleeping-entry',
  setup(builder) {
    builder.onResolve({ filter: /jobs[\\/]entries[\\/]entry\.ts$/ }, () => ({
      path: join(here, 'variants/sleeping-entry.ts'),
    }));
  },
};

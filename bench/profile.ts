import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAll, bundleFile, bundleReadable, OUT, type Variant } from './bundle.ts';
import { measure, runProcess, StubServer } from './measure.ts';

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
  readonly children?: readonly number[];
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The owner of a source file. The first pattern that matches counts. */
const GROUPS: readonly [string, RegExp][] = [
  ['the stub', /(^|\/)stub\/[a-z-]+\.ts$/],
  ['events and clock of the bench', /(^|\/)process\/(invoke|session|event|tables|correctness)\.ts$/],
  ['our code', /(^|\/)(src|\.generated)\//],
  ['signing and hashing', /signature-v4|sha256|crc32|checksum|crypto/],
  [
    'SDK serialisation',
    /submodules\/(protocols|serde|schema|cbor)|xml-builder|dynamodb-codec|util-dynamodb|lib-dynamodb/,
  ],
  ['SDK client, middleware and endpoints', /@aws-sdk\/|@smithy\//],
  ['http', /node-http-handler/],
  ['Powertools', /@aws-lambda-powertools\//],
  ['Middy', /@middy\//],
  ['ajv', /ajv/],
];
const NODE = 'Node.js and V8 (microtasks, loading, timers)';

/** Where a variant spends its CPU: self time by the owner of the code, and the functions that take most. */
export async function profile(variant: Variant, batch: number, invocations: number) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-profile-'));
  try {
    const bundle = await bundleReadable(variant, 'stub');
    const nodeOptions = ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${directory}`];
    const { records } = await measure({
      bundle,
      mode: 'stub',
      batch,
      records: batch * invocations,
      warmUp: batch,
      nodeOptions,
    });
    const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
    if (!file) throw new Error('Node wrote no profile');
    const recorded: CpuProfile = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    return { records, ...selfTimes(recorded) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The same for cold starts, from loading the bundle to the first answer, over HTTP. `records` counts the starts. */
export async function profileColdStarts(variant: Variant, starts: number) {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-profile-'));
  const server = await StubServer.start();
  try {
    const file = bundleFile(await bundleReadable(variant, 'http'), 'http');
    const prof = ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${directory}`];
    for (let start = 0; start < starts; start++) {
      const args = [...prof, join(OUT, 'process/first-answer.cjs'), file, `cold${start}`];
      await runProcess(args, { AWS_ENDPOINT_URL: server.endpoint }, 30_000);
    }
    const groups = new Map<string, number>();
    const functions = new Map<string, number>();
    for (const name of readdirSync(directory)) {
      const times = selfTimes(JSON.parse(readFileSync(join(directory, name), 'utf8')));
      for (const [from, into] of [
        [times.groups, groups],
        [times.functions, functions],
      ] as const) {
        for (const [label, microseconds] of from) into.set(label, (into.get(label) ?? 0) + microseconds);
      }
    }
    return { records: starts, groups, functions };
  } finally {
    server.close();
    rmSync(directory, { recursive: true });
  }
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  const name = namer();
  // Node's own functions count for their caller. So hashing called by our code is ours, and hashing called by the SDK
  // is the SDK's.
  const named = new Map<number, { group: string; label: string }>();
  const nameOf = (id: number): { group: string; label: string } => {
    const known = named.get(id);
    if (known) return known;
    const own = name((byId.get(id) as ProfileNode).callFrame);
    const parent = parents.get(id);
    const found = own.group !== NODE || parent === undefined ? own : { ...own, group: nameOf(parent).group };
    named.set(id, found);
    return found;
  };
  for (const [i, id] of samples.entries()) {
    const { group, label } = nameOf(id);
    if (group === 'idle') continue;
    const microseconds = timeDeltas[i] ?? 0;
    groups.set(group, (groups.get(group) ?? 0) + microseconds);
    const inGroup = `${label}  [${group}]`;
    functions.set(inGroup, (functions.get(inGroup) ?? 0) + microseconds);
  }
  return { groups, functions };
}

/** Names a frame by its source file before it was bundled. */
function namer() {
  const maps = new Map<string, SourceMap | undefined>();
  const mapOf = (url: string) => {
    if (!maps.has(url)) {
      try {
        maps.set(url, new SourceMap(JSON.parse(readFileSync(`${url.replace('file://', '')}.map`, 'utf8'))));
      } catch {
        maps.set(url, undefined);
      }
    }
    return maps.get(url);
  };
  return ({ functionName, url, lineNumber, columnNumber }: CallFrame) => {
    if (functionName === '(idle)') return { group: 'idle', label: '' };
    if (functionName === '(garbage collector)') return { group: 'garbage collector', label: functionName };
    const entry = url.endsWith('.cjs') ? mapOf(url)?.findEntry(lineNumber, columnNumber) : undefined;
    const source = entry && 'originalSource' in entry ? String(entry.originalSource) : url;
    const short = source
      .replace(/^.*node_modules\//, '')
      .replace(/^(\.\.\/)+/, '')
      .replace(/^.*\/main\//, '');
    const group = GROUPS.find(([, pattern]) => pattern.test(source))?.[0] ?? NODE;
    return { group, label: `${functionName || '(anonymous)'}  ${short}` };
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      variant: { type: 'string', default: 'sluice' },
      batch: { type: 'string', default: '1000' },
      invocations: { type: 'string', default: '60' },
      cold: { type: 'boolean', default: false },
    },
  });
  await bundleAll();
  const variant = values.variant as Variant;
  const { records, groups, functions } = values.cold
    ? await profileColdStarts(variant, 10)
    : await profile(variant, Number(values.batch), Number(values.invocations));
  const print = (entries: Map<string, number>, most: number) => {
    for (const [label, microseconds] of [...entries].sort((a, b) => b[1] - a[1]).slice(0, most)) {
      console.log(`${(microseconds / records).toFixed(1).padStart(8)}  ${label}`);
    }
  };
  const what = values.cold ? 'a cold start' : `a record, batch ${values.batch}, loading and warm-up included`;
  console.log(`${variant}: self time in microseconds, ${what}`);
  print(groups, 20);
  console.log('');
  print(functions, 40);
}

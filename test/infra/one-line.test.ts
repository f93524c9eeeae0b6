import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const lineOf = (pattern: string) => `    - \${file(infra/patterns/${pattern}.yml)}\n`;

/** By pattern: its resources, its functions, and words that are nowhere without it. */
const PATTERNS: Record<string, { ids: RegExp; functions: string[]; words: RegExp }> = {
  chain: {
    ids: /^Fulfil/,
    functions: ['fulfil-reserve', 'fulfil-charge', 'fulfil-ship'],
    words: /fulfil|NEXT_QUEUE_URL/i,
  },
  'delayed-retry': { ids: /^Deliveries/, functions: ['deliveries'], words: /deliveries|RETRY_QUEUE_URL/i },
  fifo: { ids: /^(Entries|Processed|BlockedGroups)/, functions: ['entries'], words: /entries|processed_|fifo/i },
  'fan-out': {
    ids: /^Order(Dash|s)/,
    functions: ['order-sales', 'order-stock', 'order-notify'],
    words: /order-|orders|AWS::SNS::Subscription/i,
  },
  'large-payloads': { ids: /^(Documents|Payloads)/, functions: ['documents'], words: /documents|payload/i },
};

const bin = resolve('node_modules/.bin');
const projects = mkdtempSync(join(tmpdir(), 'sluice-one-line-'));
const service = readFileSync('serverless.yml', 'utf8');
let whole: ReturnType<typeof resolved>;

beforeAll(() => {
  whole = resolved('.');
}, 120_000);
afterAll(() => rmSync(projects, { recursive: true }));

/** What a stage would be deployed with. */
function resolved(folder: string) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NODE_OPTIONS: '' };
  const options = ['print', '--format', 'json', '--stage', 'alice'];
  const { custom, functions, resources } = JSON.parse(
    execFileSync(join(bin, 'serverless'), options, { cwd: folder, env, stdio: 'pipe' }).toString(),
  );
  return { custom, functions, resources: resources.Resources, outputs: resources.Outputs };
}

function without(pattern: string): ReturnType<typeof resolved> {
  const project = join(projects, pattern);
  mkdirSync(project);
  for (const name of readdirSync('.')) {
    if (!name.startsWith('.') && name !== 'serverless.yml') symlinkSync(resolve(name), join(project, name));
  }
  writeFileSync(join(project, 'serverless.yml'), service.replace(lineOf(pattern), ''));
  return resolved(project);
}

test('each pattern of serverless.yml is looked at here', () => {
  const included = [...service.matchAll(/infra\/patterns\/([\w-]+)\.yml/g)].map(([, name]) => name);
  expect(included.sort()).toEqual(Object.keys(PATTERNS).sort());
});

test.each(Object.entries(PATTERNS))(
  'without its line in serverless.yml nothing of %s is deployed, and all the rest is as it was',
  (pattern, { ids, functions, words }) => {
    expect(service.split(lineOf(pattern))).toHaveLength(2);
    const left = without(pattern);
    expect(Object.keys(whole.resources).filter((id) => ids.test(id)).length).toBeGreaterThan(3);
    expect(JSON.stringify([left.resources, left.outputs, left.functions])).not.toMatch(words);
    const rest = Object.entries(whole.resources).filter(([id]) => !ids.test(id) && id !== 'Dashboard');
    expect(left.resources).toMatchObject(Object.fromEntries(rest));
    const others = Object.entries(whole.functions).filter(([name]) => !functions.includes(name));
    expect(Object.keys(whole.functions)).toEqual(expect.arrayContaining(functions));
    expect(left.functions).toEqual(Object.fromEntries(others));
  },
  120_000,
);

test('where no queue takes large payloads, packaging does nothing about them', () => {
  const payloadsOf = createRequire(import.meta.url)('../../build/payloads.cjs');
  expect(payloadsOf(whole.custom)).not.toEqual([]);
  const patterns = whole.custom.patterns.filter((each: object) => !JSON.stringify(each).includes('largePayloads'));
  expect(payloadsOf({ ...whole.custom, patterns })).toEqual([]);
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

// biome-ignore lint/suspicious/noTemplateCurlyInString: the framework's own placeholder
const LINE = '    - ${file(infra/patterns/large-payloads.yml)}\n';
const bin = resolve('node_modules/.bin');
const project = mkdtempSync(join(tmpdir(), 'sluice-one-line-'));
afterAll(() => rmSync(project, { recursive: true }));

/** What a stage would be deployed with. */
function resolved(folder: string) {
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, NODE_OPTIONS: '' };
  const options = ['print', '--format', 'json', '--stage', 'alice'];
  const { custom, functions, resources } = JSON.parse(
    execFileSync(join(bin, 'serverless'), options, { cwd: folder, env, stdio: 'pipe' }).toString(),
  );
  return { custom, functions, resources: resources.Resources, outputs: resources.Outputs };
}

const isOfPayloads = (id: string) => /^(Documents|Payloads)/.test(id);

test('without its line in serverless.yml nothing of the pattern is deployed, and all the rest is as it was', () => {
  const service = readFileSync('serverless.yml', 'utf8');
  expect(service.split(LINE)).toHaveLength(2);
  for (const name of readdirSync('.')) {
    if (!name.startsWith('.') && name !== 'serverless.yml') symlinkSync(resolve(name), join(project, name));
  }
  writeFileSync(join(project, 'serverless.yml'), service.replace(LINE, ''));
  const [whole, without] = [resolved('.'), resolved(project)];

  expect(Object.keys(whole.resources).filter(isOfPayloads)).toEqual(
    expect.arrayContaining(['DocumentsQueue', 'DocumentsDeadLetterQueue', 'DocumentsRole', 'PayloadsBucket']),
  );
  expect(JSON.stringify([without.resources, without.outputs, without.functions])).not.toMatch(/documents|payload/i);
  const rest = Object.entries(whole.resources).filter(([id]) => !isOfPayloads(id) && id !== 'Dashboard');
  expect(without.resources).toMatchObject(Object.fromEntries(rest));
  const { documents, ...functions } = whole.functions;
  expect(documents).toBeDefined();
  expect(without.functions).toEqual(functions);
  expect(createRequire(import.meta.url)('../../build/payloads.cjs')(without.custom)).toEqual([]);
}, 120_000);

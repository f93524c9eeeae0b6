import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../../build/generate.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-generate-'));
  cpSync('schemas', join(root, 'schemas'), { recursive: true });
  mkdirSync(join(root, 'src'));
  cpSync('src/jobs', join(root, 'src/jobs'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true }));

const registry = () => readFileSync(join(root, '.generated/jobs.ts'), 'utf8');

test('a new job type needs a schema and a job, and no line anywhere else', async () => {
  await generate(root);
  expect(registry()).not.toContain('greet');
  writeFileSync(
    join(root, 'schemas/greet.json'),
    '{"title":"Greet","type":"object","properties":{"name":{"type":"string"}}}',
  );
  writeFileSync(join(root, 'src/jobs/greet.ts'), 'export default {};');
  await generate(root);
  expect(registry()).toContain("['greet', job0]");
  expect(registry()).toContain("['triple', job1]");
  expect(readFileSync(join(root, '.generated/schemas/greet.d.ts'), 'utf8')).toContain('interface Greet');
});

test('what an earlier run made of a schema that is gone, is gone too', async () => {
  cpSync(join(root, 'schemas/triple.json'), join(root, 'schemas/old.json'));
  await generate(root);
  rmSync(join(root, 'schemas/old.json'));
  await generate(root);
  expect(readdirSync(join(root, '.generated/schemas')).sort()).toEqual([
    'triple.d.ts',
    'triple.js',
    'webhook.d.ts',
    'webhook.js',
  ]);
});

test('a job type without a schema is named, with the file to add', async () => {
  writeFileSync(join(root, 'src/jobs/greet.ts'), 'export default {};');
  await expect(generate(root)).rejects.toThrow('src/jobs/greet.ts has no schema: add schemas/greet.json');
});

test('a schema that does not compile is named', async () => {
  writeFileSync(join(root, 'schemas/triple.json'), '{"title":"Triple","type":"objekt"}');
  await expect(generate(root)).rejects.toThrow(/schemas\/triple\.json does not compile/);
});

test('the validators compile nothing at cold start', async () => {
  await generate(root);
  for (const type of ['triple', 'webhook']) {
    expect(readFileSync(join(root, `.generated/schemas/${type}.js`), 'utf8')).not.toMatch(
      /new Function|(?<!')\brequire\("/,
    );
  }
});

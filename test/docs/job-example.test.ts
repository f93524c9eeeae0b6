import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { generate } from '../../build/generate.ts';
import config from '../../jest.config.js';

/** The files that the README's chapter on adding a job has its reader make. */
const FILES = [...readFileSync('README.md', 'utf8').matchAll(/<!-- file: (\S+) -->\n```\w+\n(.*?)\n```/gs)].map(
  ([, path = '', text = '']) => ({ path, text }),
);

let root: string;

beforeAll(async () => {
  mkdirSync('.sluice', { recursive: true });
  // Inside the project, so that packages are found.
  root = mkdtempSync(resolve('.sluice/example-'));
  for (const path of ['src', 'schemas', 'package.json', 'tsconfig.json']) {
    cpSync(path, join(root, path), { recursive: true });
  }
  for (const { path, text } of FILES) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  await generate(root);
});

afterAll(() => rmSync(root, { recursive: true }));

test('the example is three files, and they make a job type', () => {
  expect(FILES.map(({ path }) => path)).toEqual(['schemas/greet.json', 'src/jobs/greet.ts', 'test/jobs/greet.test.ts']);
  expect(readFileSync(join(root, '.generated/jobs.ts'), 'utf8')).toContain("['greet', ");
});

test('the example type-checks', () => {
  const project = join(root, 'tsconfig.example.json');
  const include = ['src/jobs/greet.ts', 'test', '.generated/*.ts'];
  writeFileSync(project, JSON.stringify({ extends: './tsconfig.json', include }));
  expect(run('typescript/bin/tsc', '-p', project)).toMatchObject({ status: 0 });
});

test('the example’s test passes', () => {
  // The whole service need not be packaged for it.
  const { globalSetup: _, ...settings } = config;
  const alone = JSON.stringify({ ...settings, rootDir: root });
  const { status, output } = run('jest/bin/jest.js', '--ci', '--config', alone);
  expect(output).toContain('1 passed');
  expect(status).toBe(0);
});

function run(program: string, ...options: string[]): { status: number | null; output: string } {
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join('node_modules', program), ...options], {
    encoding: 'utf8',
    env,
  });
  return { status, output: stdout + stderr };
}

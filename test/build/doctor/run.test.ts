import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { Changes } from './world.ts';
import { template } from './world.ts';

const NODE = path.resolve('node_modules/.bin/node');
const RUN = path.resolve('build/doctor/run.ts');

/** Runs the doctor on a template from standard input, or with other options. */
function doctor(changes: Changes, ...options: string[]) {
  const args = options.includes('--stage') ? options : ['--template', '-', ...options];
  return spawnSync(NODE, [RUN, ...args], {
    input: JSON.stringify(template(changes)),
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: undefined, NODE_OPTIONS: '' },
  });
}

test('a healthy template is one line that says what was checked', () => {
  const { status, stdout, stderr } = doctor({});
  expect(stdout).toMatch(/^Doctor: 2 queues, 1 function, \d+ rules: healthy\n$/);
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('an error ends it with 1, errors before warnings, in 80 columns and without colour when piped', () => {
  const { status, stdout } = doctor({ 'Queue.VisibilityTimeout': 60, 'Dead.ReceiveMessageWaitTimeSeconds': 0 });
  expect(status).toBe(1);
  expect(stdout).toMatch(/: 1 error, 1 warning\n/);
  expect(stdout.indexOf('error visibility-below-six-timeouts: Queue')).toBeGreaterThan(0);
  expect(stdout.indexOf('warning short-polling: Dead')).toBeGreaterThan(stdout.indexOf('error visibility'));
  expect(stdout).toContain('6 x 30 s (timeout of Worker) + 1 s (batching');
  expect(stdout).toContain('Remedy: Set VisibilityTimeout to 181 or more');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).not.toContain('\u001b');
});

test('warnings alone end it with 0', () => {
  const { status, stdout } = doctor({ 'Dead.ReceiveMessageWaitTimeSeconds': 0 });
  expect(status).toBe(0);
  expect(stdout).toMatch(/: 1 warning\n/);
});

test('what could not be checked is said, and is no reason to refuse', () => {
  const { status, stdout } = doctor({ 'Queue.Metadata.Sluice.JobSeconds': undefined });
  expect(status).toBe(0);
  expect(stdout).toContain(': healthy\n\nNot all rules were checked on Mapping: Queue declares no jobSeconds.\n');
});

test('--json is nothing but JSON, with rule, level, numbers and remedy', () => {
  const { status, stdout } = doctor({ 'Queue.VisibilityTimeout': 60 }, '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    healthy: false,
    checked: { rules: expect.any(Number), queues: 2, functions: 1, mappings: 1 },
    findings: [
      {
        rule: 'visibility-below-six-timeouts',
        level: 'error',
        resource: 'Queue',
        problem: expect.stringContaining('VisibilityTimeout is 60 s'),
        remedy: expect.stringContaining('181'),
        numbers: { VisibilityTimeout: 60, Timeout: 30, MaximumBatchingWindowInSeconds: 1, least: 181 },
        explain: expect.any(String),
      },
    ],
    notChecked: [],
  });
});

test.each<[string[], string]>([
  [['--colour'], "Unknown option '--colour'"],
  [['--stage', 'alice', '--template', '-'], 'give either --template, or --stage and --param'],
  [['surprise'], "Unexpected argument 'surprise'"],
])('%j ends it with 2 and the usage', (options, reason) => {
  const { status, stdout, stderr } = doctor({}, ...options);
  expect(status).toBe(2);
  expect(stderr).toContain(reason);
  expect(stderr).toContain('npm run doctor');
  expect(stdout).toBe('');
});

test('a file that is no template ends it with 2 and says which', () => {
  const { status, stderr } = spawnSync(NODE, [RUN, '--template', 'package.json'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('package.json has no Resources: it is no template.');
});

import { spawn } from 'node:child_process';
import { CONSUMER, runSluice, stageUnderTest } from './stage-under-test.ts';

const COMMANDS = [
  [],
  ['send'],
  ['job'],
  ['queues'],
  ['dlq'],
  ...['list', 'show', 'export', 'import', 'redrive', 'purge'].map((name) => ['dlq', name]),
];

test.each(COMMANDS)('the help of sluice %s %s has examples and fits 80 columns', async (...words) => {
  const { code, stdout } = await runSluice([...words.filter(Boolean), '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain('Examples:\n  $ ');
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test.each([
  [['queues', '--frobnicate'], "unknown option '--frobnicate'"],
  [['qeues'], 'Did you mean queues?'],
  [['job'], "missing required argument 'id'"],
  [['queues', '--watch', '0'], 'Write a number of seconds from 1 to 86400.'],
  [['queues', '--watch', '--check'], 'cannot be used with option'],
  [[], 'Usage: sluice'],
])('a wrong command line ends with 2: %j', async (args, message) => {
  const { code, stdout, stderr } = await runSluice(args);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

describe('an environment that is wrong ends with 2 and names the remedy', () => {
  const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

  test('no credentials', async () => {
    const { code, stderr } = await runSluice(['queues']);
    expect(stderr).toMatch(/^error: no AWS credentials: pass --profile, or export AWS_PROFILE/);
    expect(code).toBe(2);
  });

  test('a profile that is not there', async () => {
    const { code, stderr } = await runSluice(['queues', '--profile', 'nobody']);
    expect(stderr).toContain('no AWS credentials in the profile "nobody" (`aws configure list-profiles`');
    expect(code).toBe(2);
  });

  test('nothing listens at the endpoint', async () => {
    const env = { ...credentials, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    const { code, stderr } = await runSluice(['queues'], { env });
    expect(stderr).toContain('nothing listens at http://127.0.0.1:1');
    expect(stderr).toContain('start the embedded cloud with `npm start`');
    expect(code).toBe(2);
  });

  test('a region that is none', async () => {
    const { code, stderr } = await runSluice(['queues', '--region', 'x y'], { env: credentials });
    expect(stderr).toMatch(/^error: Region not accepted.*Pass another --region/);
    expect(code).toBe(2);
  });

  test('a stage that is not deployed', async () => {
    await using world = await stageUnderTest();
    const { code, stderr } = await world.sluice(['queues', '--stage', 'alice']);
    expect(stderr).toContain(
      `no stack sluice-alice at ${world.cloud.endpoint}: deploy it with \`npx serverless deploy`,
    );
    expect(stderr).toContain('--stage alice');
    expect(code).toBe(2);
  });
});

test('a Node.js without type stripping is told to use npx', async () => {
  const child = spawn(process.execPath, ['--no-experimental-strip-types', 'operator/sluice.js', 'queues'], {
    env: { PATH: process.env.PATH },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(stderr).toMatch(/^error: Node.js [\d.]+ cannot run TypeScript. Run it as `npx sluice`/);
  expect(code).toBe(2);
});

test('Ctrl-C ends a watch with 130', async () => {
  await using world = await stageUnderTest(CONSUMER);
  const { code, stdout, stderr } = await world.sluice(['queues', '--watch', '1'], {
    onOutput: (_, kill) => kill('SIGINT'),
  });
  expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}jobs: 0 waiting, 0 in flight, 0 delayed, 0 dead/);
  expect(stderr).toBe('');
  expect(code).toBe(130);
});

test('a reader that has gone ends a watch quietly', async () => {
  await using world = await stageUnderTest();
  const env = { AWS_ENDPOINT_URL: world.cloud.endpoint, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const script = '"$0" operator/sluice.js queues --watch 1 --stage test --json | head -1; echo ended $PIPESTATUS';
  const child = spawn('bash', ['-c', script, process.execPath], {
    env: { PATH: process.env.PATH, ...env },
    // Of a socket bash would think that it is a login, and read its start-up files.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  await new Promise((resolve) => child.on('close', resolve));
  const [first = '', ...rest] = output.trim().split('\n');
  expect(JSON.parse(first).queues).toHaveLength(2);
  expect(rest).toEqual(['ended 141']);
});

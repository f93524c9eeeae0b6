import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { functionWorld, isAlive, until } from './world.ts';

const waits = 'await new Promise((r) => setTimeout(r, 10_000));';

test('a time-out kills the process, also one that blocks, and the next invocation gets a fresh one', async () => {
  await using world = functionWorld(
    'console.log("pid", process.pid); export const handler = async (e) => { if (e.block) for (;;); return 1; };',
    { timeoutSeconds: 0.5 },
  );
  const startedAt = performance.now();
  const result = await world.function.invoke('{"block":true}');
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(result.functionError).toBe('Unhandled');
  expect(JSON.parse(result.payload)).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 0.50 seconds`,
  });
  expect(result.logTail).toContain(`${result.requestId} Task timed out after 0.50 seconds`);
  const pid = Number(world.lines.find((line) => line.startsWith('pid'))?.slice(4));
  expect(isAlive(pid)).toBe(false);
  expect((await world.function.invoke('{}')).payload).toBe('1');
});

test('a time-out of one invocation leaves the others alone', async () => {
  await using world = functionWorld(
    'export const handler = async ({ ms }) => { await new Promise((r) => setTimeout(r, ms)); return ms; };',
    { timeoutSeconds: 1 },
  );
  const [slow, fast] = await Promise.all([world.function.invoke('{"ms":5000}'), world.function.invoke('{"ms":300}')]);
  expect(slow?.functionError).toBe('Unhandled');
  expect(fast).toMatchObject({ payload: '300' });
  expect(fast).not.toHaveProperty('functionError');
});

test.each([
  ['process.exit(3)', 'exit status 3'],
  ['process.kill(process.pid, "SIGKILL")', 'signal: killed'],
  ['process.abort()', 'signal: aborted'],
])('%s during an invocation is Runtime.ExitError', async (statement, reason) => {
  await using world = functionWorld(`export const handler = async (e) => { if (e.end) { ${statement}; ${waits} } };`);
  const result = await world.function.invoke('{"end":1}');
  expect(result.functionError).toBe('Unhandled');
  expect(JSON.parse(result.payload)).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${result.requestId} Error: Runtime exited with error: ${reason}`,
  });
  expect((await world.function.invoke('{}')).payload).toBe('null');
});

test('process.exit(0) during an invocation is an exit without a reason', async () => {
  await using world = functionWorld(`export const handler = async () => { process.exit(0); };`);
  expect(JSON.parse((await world.function.invoke('{}')).payload).errorMessage).toMatch(
    /Runtime exited without providing a reason$/,
  );
});

test('memory beyond the limit ends the process with Runtime.ExitError', async () => {
  await using world = functionWorld(
    'export const handler = async () => { const a = []; for (;;) a.push(new Array(1e5).fill(a.length)); };',
    { memoryMegabytes: 128 },
  );
  const result = await world.function.invoke('{}');
  expect(JSON.parse(result.payload)).toMatchObject({
    errorType: 'Runtime.ExitError',
    errorMessage: expect.stringMatching(/signal: aborted$/),
  });
});

test('an unhandled rejection is reported with its name and ends the process', async () => {
  await using world = functionWorld(
    `export const handler = async (e) => { if (e.bad) { Promise.reject(new Error("loose")); ${waits} } return 1; };`,
  );
  const { payload, functionError } = await world.function.invoke('{"bad":1}');
  expect(functionError).toBe('Unhandled');
  expect(JSON.parse(payload)).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'Error: loose',
  });
  expect((await world.function.invoke('{}')).payload).toBe('1');
});

test('killOne ends one busy process and no idle one', async () => {
  await using world = functionWorld(`export const handler = async (e) => { if (e.wait) { ${waits} } return 1; };`);
  expect(world.function.killOne()).toBe(false);
  await world.function.invoke('{}');
  expect(world.function.killOne()).toBe(false);
  const running = world.function.invoke('{"wait":1}');
  expect(world.function.killOne()).toBe(true);
  expect(JSON.parse((await running).payload).errorMessage).toMatch(/signal: killed$/);
  expect((await world.function.invoke('{}')).payload).toBe('1');
});

test('a process that dies while idle is not used again', async () => {
  await using world = functionWorld(
    'export const handler = async (e) => { if (e.die) setTimeout(() => process.exit(1), 20); return process.pid; };',
  );
  const { payload } = await world.function.invoke('{"die":1}');
  await until(() => world.function.stats().processes === 0, 'the dead process is forgotten');
  const next = await world.function.invoke('{}');
  expect(next).not.toHaveProperty('functionError');
  expect(next.payload).not.toBe(payload);
});

test('no process survives a host that is killed, whether it was busy or idle', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-host-'));
  try {
    const source = fileURLToPath(new URL('../../../localstack/functions/lambda-function.ts', import.meta.url));
    writeFileSync(
      path.join(directory, 'index.mjs'),
      'console.log("pid " + process.pid); export const handler = (e) => new Promise((r) => setTimeout(r, e.ms));',
    );
    writeFileSync(
      path.join(directory, 'host.mjs'),
      `import { LambdaFunction } from ${JSON.stringify(source)};
      const configuration = { name: 'f', arn: 'a', handler: 'index.handler', codeDirectory: ${JSON.stringify(directory)},
        environment: {}, memoryMegabytes: 128, timeoutSeconds: 60 };
      const lambda = new LambdaFunction(configuration, { log: (line) => process.stdout.write(line + '\\n') });
      const busy = lambda.invoke('{"ms":60000}');
      await lambda.invoke('{"ms":1}');
      process.stdout.write('up\\n');
      await busy;`,
    );
    const { NODE_OPTIONS: _, ...env } = process.env;
    const host = spawn(process.execPath, [path.join(directory, 'host.mjs')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    host.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
    await until(() => output.includes('up\n') && output.split('pid ').length === 3, 'the host has two processes');
    const pids = [...output.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]));
    expect(pids.map(isAlive)).toEqual([true, true]);
    host.kill('SIGKILL');
    await until(() => !pids.some(isAlive), 'both processes are gone');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

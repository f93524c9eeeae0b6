import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ProcessSandbox } from '../../src/sandbox/process-sandbox.ts';
import { jobContext } from '../job-context.ts';

const FILE = join(import.meta.dirname, 'entry.ts');
let sandbox: ProcessSandbox;

beforeEach(() => {
  sandbox = new ProcessSandbox({ file: FILE, heapMb: 64, stderr: 'ignore' });
});

afterEach(() => {
  sandbox.close();
});

/** @param limitMs after which the signal aborts */
function run(deed: string, { job = {}, limitMs = 30_000 }: { job?: object; limitMs?: number } = {}) {
  return sandbox.run(deed, job as never, jobContext({ settings: undefined, signal: AbortSignal.timeout(limitMs) }));
}

test('what a handler returns comes back, job after job', async () => {
  expect(await run('pass')).toBe('passed');
  expect(await run('wait', { job: { ms: 5 } })).toBe('waited');
});

test.each<[string, RegExp]>([
  ['exit', /^the job ended its process with exit code 3$/],
  ['loop', /^the job blocked its event loop for \d+ ms, past its time limit$/],
  ['heap', /^the job ended its process by SIGABRT, as one does whose memory is used up \(64 MB of heap\)$/],
  ['arrays', /^the job ended its process by SIGABRT/],
  ['kill', /^the job ended its process by SIGTERM$/],
  ['reject', /^the job left an error that nobody handles: Error: nobody listens$/],
])(
  'a job that would end its process (%s) is named, and the next one passes',
  async (deed, message) => {
    const failed = run(deed, { limitMs: deed === 'loop' ? 8_000 : 30_000 });
    await expect(failed).rejects.toMatchObject({ name: 'KilledItsProcess', message: expect.stringMatching(message) });
    expect(await run('pass')).toBe('passed');
  },
  60_000,
);

test('a process that starts too slowly is not held against the job, which runs in it when it is there', async () => {
  sandbox = new ProcessSandbox({ file: join(import.meta.dirname, 'slow-entry.ts'), heapMb: 64, stderr: 'ignore' });
  await expect(run('pass', { limitMs: 300 })).rejects.toMatchObject({
    name: 'Deferred',
    message: expect.stringContaining('had not started in time'),
  });
  expect(await run('pass', { limitMs: 60_000 })).toBe('passed');
});

test('what a job left behind does not blame the next one', async () => {
  expect(await run('later')).toBe('passed');
  await delay(100);
  expect(await run('wait', { job: { ms: 50 } })).toBe('waited');
});

test.each([
  ['transient', { name: 'TransientError', message: 'busy', retryAfterMs: 7_000 }],
  ['permanent', { name: 'PermanentError', message: 'no such customer' }],
  ['deferred', { name: 'Deferred', message: 'held elsewhere', afterMs: 5 }],
])('what a handler throws means the same here (%s)', async (deed, error) => {
  await expect(run(deed)).rejects.toMatchObject(error);
});

test('what a job sends to its parent is no answer', async () => {
  expect(await run('chatter')).toBe('passed');
});

test('a job that closes the line to its parent is ended, and the next one passes', async () => {
  await expect(run('disconnect', { limitMs: 8_000 })).rejects.toMatchObject({ name: 'KilledItsProcess' });
  expect(await run('pass')).toBe('passed');
});

test('a result that is no JSON is refused', async () => {
  await expect(run('unclonable')).rejects.toThrow(/could not be cloned/);
});

test('a job that waits is aborted by its signal', async () => {
  await run('pass');
  await expect(run('wait', { limitMs: 300 })).rejects.toMatchObject({ message: expect.stringMatching(/abort/i) });
  expect(await run('pass')).toBe('passed');
});

test('a job that ignores its signal is ended, and is no killer', async () => {
  await run('pass');
  await expect(run('ignore', { limitMs: 300 })).rejects.toMatchObject({ name: 'GivenUp' });
  expect(await run('pass')).toBe('passed');
});

test('a sandbox that cannot start says so', async () => {
  sandbox = new ProcessSandbox({ file: join(import.meta.dirname, 'no-such-file.ts'), stderr: 'ignore' });
  await expect(run('pass')).rejects.toMatchObject({ name: 'SandboxUnavailable' });
});

/** @returns the sandbox's process id, once its job runs or its owner is gone */
async function ownedSandbox(deed: string) {
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'owner.ts'), deed], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  // The sandbox holds the same pipe, so its end says nothing about the owner's.
  await new Promise<void>((resolve) => {
    owner.once('exit', () => resolve());
    owner.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.includes('running')) resolve();
    });
  });
  return { owner, pid: Number.parseInt(said, 10) };
}

async function untilGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 100 && isAlive(pid); i++) await delay(100);
  return !isAlive(pid);
}

test('a sandbox whose owner is killed ends, though a job blocks its event loop', async () => {
  const { owner, pid } = await ownedSandbox('loop');
  expect(isAlive(pid)).toBe(true);
  owner.kill('SIGKILL');
  expect(await untilGone(pid)).toBe(true);
});

test('a sandbox ends whose job kills its owner at once and then blocks its event loop', async () => {
  const { pid } = await ownedSandbox('parricide');
  expect(await untilGone(pid)).toBe(true);
});

function isAlive(pid: number): boolean {
  try {
    // A zombie whose parent does not ask for it is no process any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    try {
      return process.platform !== 'linux' && process.kill(pid, 0);
    } catch {
      return false;
    }
  }
}

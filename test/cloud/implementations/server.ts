import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const ROOT = join(import.meta.dirname, '../../..');
/** Where implementations are installed and log; git-ignored. */
export const FOLDER = join(ROOT, '.sluice/cloud');

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const POLL_MS = 100;

/** A server that runs, in a process group of its own. */
export interface Server {
  readonly endpoint: string;
  /** Ends the server and everything it started; resolves once they are gone. */
  stop(): Promise<void>;
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts a server and waits until it answers HTTP, with whatever status. Its output goes to `<name>.log` in the folder.
 *
 * @throws Error with the end of its log when it ends early or does not answer within a minute
 */
export async function startServer(
  name: string,
  { port, command, args, env = {} }: { port: number; command: string; args: string[]; env?: NodeJS.ProcessEnv },
): Promise<Server> {
  const log = join(FOLDER, `${name}.log`);
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'w');
  const child = spawn(command, args, {
    cwd: FOLDER,
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
  });
  closeSync(output);
  // Even if this process ends without stopping it.
  process.once('exit', () => killGroup(child, 'SIGKILL'));
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await answers(endpoint, child);
  } catch (error) {
    await stopGroup(child);
    const end = readFileSync(log, 'utf8').split('\n').slice(-20).join('\n');
    throw new Error(`${name} did not start: ${(error as Error).message}. The end of ${log}:\n${end}`);
  }
  return { endpoint, stop: () => stopGroup(child) };
}

async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  for (const end = Date.now() + START_LIMIT_MS; Date.now() < end; await delay(POLL_MS)) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    const answered = await fetch(endpoint, { signal: AbortSignal.timeout(1_000) }).then(
      () => true,
      () => false,
    );
    if (answered) return;
  }
  throw new Error(`nothing answers at ${endpoint} after ${START_LIMIT_MS / 1_000} s`);
}

/** Ends a process that leads a group, and its group: asked first, killed after five seconds. */
export async function stopGroup(child: ChildProcess): Promise<void> {
  killGroup(child, 'SIGTERM');
  for (const end = Date.now() + STOP_LIMIT_MS; Date.now() < end; await delay(POLL_MS)) {
    if (!killGroup(child, 0)) return;
  }
  killGroup(child, 'SIGKILL');
}

/** @returns whether the group had a process left */
function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../free-port.ts';

const START_MS = 20_000;

/** The server that is installed here, Valkey before Redis; undefined where there is none. */
export function redisBinary(): string | undefined {
  const folders = (process.env.PATH ?? '').split(':');
  const files = ['valkey-server', 'redis-server'].flatMap((name) => folders.map((folder) => join(folder, name)));
  return files.find((file) => existsSync(file));
}

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Runs a command as an operator would. */
  command(name: string, ...values: string[]): Promise<unknown>;
  stop(): Promise<void>;
}

/** A server of its own, in memory alone, on a free port of the loopback interface. */
export async function startRedis(binary: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn(binary, settings, { cwd: folder, stdio: 'ignore' });
  const operator = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: null });
  operator.on('error', () => {});
  await answers(operator, server);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    command: (name, ...values) => operator.call(name, ...values),
    async stop() {
      operator.disconnect();
      await new Promise((resolve) => {
        server.once('exit', resolve);
        server.kill('SIGTERM');
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(operator: Redis, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + START_MS; ; await delay(50)) {
    try {
      await operator.connect();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > end) throw error;
    }
  }
}

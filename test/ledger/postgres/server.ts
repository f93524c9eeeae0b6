import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../../free-port.ts';

const DEBIAN = '/usr/lib/postgresql';
const START_MS = 20_000;

/** The folder of `initdb` and `postgres`, of the newest version that is installed; undefined where there is none. */
export function postgresBinaries(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  const inPath = (process.env.PATH ?? '').split(':');
  return [...folders, ...inPath].find((folder) => existsSync(join(folder, 'initdb')));
}

export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** A server of its own in a temporary folder, on a free port of the loopback interface. PostgreSQL refuses to run as root. */
export async function startPostgres(binaries: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-postgres-'));
  const user = process.getuid?.() === 0 ? idsOf('postgres') : undefined;
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const options = ['-D', data, '-U', 'sluice', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), options, { ...user, cwd: folder, stdio: 'pipe' });
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=50'];
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  const url = `postgres://sluice@127.0.0.1:${port}/postgres`;
  await answers(url, server);
  return {
    port,
    url,
    async stop() {
      await ended(server, 'SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements as an operator would. @returns the rows of the last */
export async function sql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows ?? [];
  } finally {
    await client.end();
  }
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + START_MS; ; await delay(50)) {
    try {
      await sql(url, 'SELECT 1');
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > end) throw error;
    }
  }
}

function idsOf(user: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

function ended(process: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (process.exitCode !== null) resolve();
    process.once('exit', () => resolve());
    process.kill(signal);
  });
}

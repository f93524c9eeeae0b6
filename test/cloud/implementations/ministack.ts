import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { FOLDER, freePort, ROOT, type Server, startServer } from './server.ts';

const REQUIREMENTS = join(import.meta.dirname, 'ministack.txt');
const VENV = join(FOLDER, 'ministack');
const INSTALLED = join(VENV, 'installed.txt');
const LOOPBACK = '127.0.0.1';

export const VERSION = /^ministack==(.+)$/m.exec(readFileSync(REQUIREMENTS, 'utf8'))?.[1] as string;
/** In which a test finds MiniStack's PyYAML. */
export const PYTHON = join(VENV, 'bin/python');

/**
 * Puts the pinned MiniStack into a virtual environment of its own, unless it is there.
 *
 * @throws Error that says what to install on the machine
 */
export function installMiniStack(): void {
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === wanted) return;
  rmSync(VENV, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  run(
    'python3',
    ['--version'],
    'The cloud suite needs Python 3.10 or newer (Debian: apt-get install python3 python3-venv)',
  );
  run('python3', ['-m', 'venv', VENV], "Python's venv module is missing (Debian: apt-get install python3-venv)");
  run(
    PYTHON,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', REQUIREMENTS],
    'pip could not install MiniStack; it needs access to a Python package index',
  );
  writeFileSync(INSTALLED, wanted);
}

function run(command: string, args: string[], remedy: string): void {
  try {
    execFileSync(command, args, { stdio: 'pipe', timeout: 300_000 });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${remedy}.\n${`${stdout}${stderr}`.trim() || message}`);
  }
}

/** Starts it on a free port of the loopback address, with our Node.js for the functions. */
export async function startMiniStack(): Promise<Server> {
  const port = await freePort();
  const env = {
    PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
    NODE_OPTIONS: `--require ${join(ROOT, 'localstack/cjs-handlers.cjs')}`,
    BIND_HOST: LOOPBACK,
    MINISTACK_HOST: LOOPBACK,
    GATEWAY_PORT: String(port),
  };
  return startServer('ministack', { port, command: join(VENV, 'bin/ministack'), args: [], env });
}

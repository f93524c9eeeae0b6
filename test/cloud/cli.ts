import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FOLDER, ROOT } from './implementations/server.ts';

/** Held while the framework runs: two commands at once would share `.serverless`. */
export const LOCK = join(FOLDER, 'cli.lock');
const POLL_MS = 100;
const LIMIT_MS = 120_000;
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

export interface Ended {
  readonly code: number;
  /** What it wrote to both of its outputs, without colours. */
  readonly output: string;
}

/**
 * Runs the real `serverless` as a user would in the repository, with nothing of the tester's own AWS settings.
 *
 * @param command such as `deploy --stage local`
 * @param env     what the user has exported
 */
export async function serverless(command: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  const bin = join(ROOT, 'node_modules/.bin');
  const { PATH, LANG } = process.env;
  // A home without ~/.aws, and no asking a machine's metadata service.
  const clean = {
    PATH: `${bin}${delimiter}${PATH}`,
    LANG,
    HOME: FOLDER,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_COLOR: '1',
  };
  await lock();
  try {
    return await new Promise((resolve) => {
      const options = { cwd: ROOT, timeout: LIMIT_MS, env: { ...clean, ...env } };
      execFile(join(bin, 'serverless'), command.split(' '), options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, output: `${stdout}${stderr}`.replace(ANSI, '') });
      });
    });
  } finally {
    rmSync(LOCK, { recursive: true });
  }
}

async function lock(): Promise<void> {
  for (;;) {
    try {
      mkdirSync(LOCK);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      await delay(POLL_MS);
    }
  }
}

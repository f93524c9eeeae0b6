import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CANARY } from './letters.ts';

/** In front of a command: `npx` says what it was called with instead of running it. */
const STUB = `npx() { for word in "$@"; do printf '%s\\0' "$word"; done; printf '\\n\\0'; }\n`;

/**
 * Runs suggested commands in a real shell, in an empty folder.
 *
 * @returns what each called `npx` with
 * @throws Error where one is no shell, or does something else
 */
export function wordsOf(commands: readonly string[]): string[][] {
  const folder = mkdtempSync(path.join(tmpdir(), 'sluice-shell-'));
  try {
    const script = STUB + commands.map((command) => `${command}\n`).join('');
    const checked = spawnSync('sh', ['-n'], { input: script, cwd: folder, encoding: 'utf8' });
    if (checked.status !== 0) throw new Error(checked.stderr);
    const ran = spawnSync('sh', [], { input: script, cwd: folder, encoding: 'utf8' });
    if (existsSync(path.join(folder, CANARY))) throw new Error('a suggested command did what a message says');
    if (ran.status !== 0 || ran.stderr) throw new Error(`${ran.status} ${ran.stderr}`);
    const calls = ran.stdout.split('\n\0').slice(0, -1);
    return calls.map((call) => call.split('\0').slice(0, -1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { PATTERNS } from '../../demo/patterns/patterns.ts';

const ROOT = join(import.meta.dirname, '../..');

function runDemo(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['demo/run.ts', ...options], { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

test.each(Object.keys(PATTERNS))(
  '--pattern %s: failures and killed processes, and everything adds up',
  async (pattern) => {
    const { code, stdout, stderr } = await runDemo('--pattern', pattern, '--jobs', '100', '--seed', '3');
    // Where it is not so, the whole account is shown.
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: expect.stringMatching(/adds up\.\n$/) });
    expect(stdout).toMatch(/killed a process of \S+ in mid-batch/);
  },
  240_000,
);

test('an unknown pattern is refused, and the message names those that there are', async () => {
  const { code, stderr } = await runDemo('--pattern', 'lifo');
  expect(code).toBe(2);
  for (const pattern of Object.keys(PATTERNS)) expect(stderr).toContain(pattern);
});

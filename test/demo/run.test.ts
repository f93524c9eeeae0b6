import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

function runDemo(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['demo/run.ts', ...options], { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

describe('npm run demo', () => {
  test('sends everything through the service, kills a process, redrives, and everything adds up', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
    try {
      const json = join(folder, 'account.json');
      const { code, stdout, stderr } = await runDemo('--jobs', '200', '--seed', '5', '--json', json);
      expect({ code, stderr, verdict: stdout.trimEnd().split('\n').at(-1) }).toEqual({
        code: 0,
        stderr: '',
        verdict: 'Everything adds up.',
      });
      expect(stdout).toContain('killed a function process in mid-batch');
      expect(stdout).toMatch(/ 200 {2}sent\n/);

      const { account, deadLetters, processesDied } = JSON.parse(readFileSync(json, 'utf8'));
      expect(account).toMatchObject({ sent: 200, discrepancies: [] });
      expect(account.stored + account.duplicates + account.dead).toBe(200);
      // Ten malformed, ten invalid, four killers and eight poison stay dead. Where the second use of an id comes first, the duplicates of
      // the first are dead with it.
      expect(account.dead).toBeGreaterThanOrEqual(32);
      expect(account.dead + account.duplicates).toBe(42);
      expect(processesDied).toBeGreaterThanOrEqual(1);
      const repairable = deadLetters.reduce((sum: number, group: { repairable: number }) => sum + group.repairable, 0);
      expect(repairable).toBeGreaterThanOrEqual(12);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 90_000);

  test.each([
    [['--jobs', '0'], 'a whole number from 50 to 1000000'],
    [['--jobs', 'many'], 'a whole number from 50 to 1000000'],
    [['--jobs', '1e3'], 'a whole number from 50 to 1000000'],
    [['--seed', '-1'], 'a whole number from 0 to 4294967295'],
    [['--json', 'no/such/folder/file.json'], 'There is no folder no/such/folder'],
    [['--job', '5'], "unknown option '--job'"],
    [['extra'], 'too many arguments'],
  ])('refuses %j with a clear error and code 2', async (options, complaint) => {
    const { code, stdout, stderr } = await runDemo(...options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(complaint);
  });

  test('explains itself with --help', async () => {
    const { code, stdout } = await runDemo('--help');
    expect(code).toBe(0);
    for (const option of ['--jobs', '--seed', '--json']) expect(stdout).toContain(option);
  });
});

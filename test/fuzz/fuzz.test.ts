import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** In a process of its own, as the function has one; `npm run fuzz` does the same with as many messages as one likes. */
test('of 10,000 hostile messages each is dead with a reason, or a job after all, and every neighbour is stored', async () => {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const args = ['test/fuzz/run.ts', '--packaged', '--messages', '10000'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch((failure) => {
    throw new Error(failure.stdout + failure.stderr);
  });
  const { messages, dead, done, tooLarge, requeued } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(messages).toBe(10_000);
  expect(dead + done + tooLarge + requeued).toBe(messages);
  // The generator reaches what it should.
  expect(dead).toBeGreaterThan(5_000);
  expect(done).toBeGreaterThan(100);
}, 300_000);

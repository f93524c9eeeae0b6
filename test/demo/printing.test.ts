import type { Account } from '../../demo/account/account.ts';
import { createMix } from '../../demo/mix.ts';
import { accountLines, deadLetterLines, mixLines, verdictLines } from '../../demo/printing.ts';
import { startProgress } from '../../demo/progress.ts';

const ACCOUNT: Account = {
  sent: 100_000,
  stored: 90_000,
  duplicates: 5_000,
  dead: 5_000,
  killers: 4,
  delivered: 40_000,
  deliveredAgain: 17,
  deadAgain: 10,
  discrepancies: [],
};

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('what the demo prints', () => {
  test('fits 80 columns', () => {
    const mix = createMix({ jobs: 2_000, seed: 1, receiverUrl: 'http://127.0.0.1:65535' });
    const fingerprint = 'abcdefghijkl';
    const group = { errorClass: 'PayloadConflict', type: 'webhook', fingerprint, repairable: 12_345, count: 12_345 };
    expect(widest(mixLines(mix))).toBeLessThanOrEqual(80);
    expect(widest(accountLines(ACCOUNT))).toBeLessThanOrEqual(80);
    expect(widest(deadLetterLines([{ ...group, example: 'long '.repeat(100) }]))).toBeLessThanOrEqual(80);
  });

  test('shows the sum only as right as it is', () => {
    expect(accountLines(ACCOUNT)).toContain('100,000  each in exactly one place');
    expect(accountLines({ ...ACCOUNT, dead: 4_999 })).toContain('99,999  but 100,000 were sent');
  });

  test('mentions repeats only where there are any', () => {
    expect(accountLines(ACCOUNT)).toMatch(/17 {2}of them twice[\s\S]*10 {2}dead letters twice/);
    expect(accountLines({ ...ACCOUNT, deliveredAgain: 0, deadAgain: 0 })).not.toContain('twice');
  });

  test('names up to twenty discrepancies and counts the rest', () => {
    const all = Array.from({ length: 25 }, (_, i) => `No ${i}.`);
    expect(verdictLines([])).toContain('Everything adds up.');
    expect(verdictLines(['Only this.'])).toContain('1 thing does not add up:');
    expect(verdictLines(all)).toContain('25 things do not add up:');
    expect(verdictLines(all)).toContain('No 19.\n  and 5 more');
    expect(verdictLines(all)).not.toContain('No 20.');
  });

  test('is plain lines without a terminal: notes at once, and the last state at the end', () => {
    const written: string[] = [];
    const out = { isTTY: false, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
    const progress = startProgress(10, out);
    progress.show({ sent: 4, depth: { waiting: 1, inFlight: 1, delayed: 0 }, retries: 0, dead: 0 });
    progress.note('noted');
    progress.show({ sent: 10, depth: { waiting: 0, inFlight: 3, delayed: 0 }, retries: 2, dead: 1 });
    progress.stop();
    expect(written).toEqual([
      'noted\n',
      expect.stringMatching(/^ +0\.\d s {2}7 of 10 settled, 3 in flight, 2 retries, 1 dead\n$/),
    ]);
  });
});

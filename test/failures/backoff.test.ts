import fc from 'fast-check';
import { backoff, MAX_VISIBILITY_SECONDS, visibilitySeconds } from '../../src/failures/backoff.ts';

const POLICY = { baseMs: 1_000, capMs: 60_000 };

describe('backoff', () => {
  test('doubles its upper bound with each attempt, up to the cap', () => {
    const bounds = [1, 2, 3, 6, 7, 40, 2_000].map((attempt) => backoff(attempt, POLICY, 1));
    expect(bounds).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test('is spread over the whole range from 0 (full jitter)', () => {
    expect([0, 0.25, 0.5].map((random) => backoff(3, POLICY, random))).toEqual([0, 1_000, 2_000]);
  });
});

describe('visibilitySeconds', () => {
  test('is always a whole number of seconds that SQS takes, and never shorter than asked for below the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000_000_000 }), (ms) => {
        const seconds = visibilitySeconds(ms);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(MAX_VISIBILITY_SECONDS);
        if (seconds < MAX_VISIBILITY_SECONDS) expect(seconds * 1000).toBeGreaterThanOrEqual(ms);
      }),
    );
  });

  test('leaves room for the longest invocation under the 12 hours of SQS', () => {
    expect(MAX_VISIBILITY_SECONDS + 15 * 60).toBe(12 * 3_600);
  });
});

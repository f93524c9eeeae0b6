import fc from 'fast-check';
import { Deadline } from '../../src/engine/deadline.ts';

test('its points come in order and before Lambda would kill the batch, for any invocation', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900_000 }), (remaining) => {
      const { startedAt, aloneAt, abortAt, giveUpAt, settleAt, answerAt, endsAt } = new Deadline(
        remaining,
        () => 1_000,
      );
      const points = [startedAt, aloneAt, abortAt, giveUpAt, settleAt, answerAt, endsAt];
      expect(points).toEqual([...points].sort((a, b) => a - b));
      expect(new Set(points).size).toBe(7);
    }),
  );
});

test('a job starts as long as its whole time limit fits before jobs must end', () => {
  let now = 0;
  const deadline = new Deadline(30_000, () => now);
  expect(deadline.limitFor(10_000)).toBe(10_000);
  now = deadline.abortAt - 10_000;
  expect(deadline.limitFor(10_000)).toBe(10_000);
  now += 1;
  expect(deadline.limitFor(10_000)).toBeUndefined();
  expect(deadline.limitFor(100)).toBe(100);
});

test('a job whose limit is longer than the whole invocation still starts in a fresh one, with less', () => {
  const deadline = new Deadline(3_000, () => 0);
  const limit = deadline.limitFor(10_000);
  expect(limit).toBe(deadline.abortAt / 2);
  expect(limit).toBeGreaterThan(1_000);
});

test('in such an invocation jobs start during its first half', () => {
  let now = 0;
  const deadline = new Deadline(3_000, () => now);
  now = deadline.abortAt * 0.49;
  expect(deadline.limitFor(10_000)).toBeDefined();
  now = deadline.abortAt * 0.51;
  expect(deadline.limitFor(10_000)).toBeUndefined();
});

import fc from 'fast-check';
import entry from '../../../src/jobs/entries/entry.ts';
import { jobContext } from '../../job-context.ts';

const of = (amount: number) => ({ message_id: 'e-1', account_id: 'a', amount });

test('an entry of whole hundredths is booked, and its id is its key', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }).filter((hundredths) => hundredths !== 0),
      (hundredths) => {
        expect(entry.handle(of(hundredths / 100), jobContext({ settings: undefined }))).toBeNull();
      },
    ),
  );
  expect(entry.key(of(1))).toBe('e-1');
  expect(entry.keeps).toBe('fact');
});

test.each([
  [0, 'an entry of 0 books nothing'],
  [0.001, 'at most 2 decimals'],
  [12.345, 'at most 2 decimals'],
])('an amount of %d is refused for good', (amount, message) => {
  expect(() => entry.handle(of(amount), jobContext({ settings: undefined }))).toThrow(message);
});

import { lastWritten, listSchedule } from '../../bench/figures/ideal.ts';

test('workers take jobs in order, each as soon as it is free', () => {
  expect(listSchedule([30, 10, 10, 5], 2)).toEqual([30, 10, 20, 25]);
});

test('one worker takes the sum, and as many workers as jobs take the longest', () => {
  expect(Math.max(...listSchedule([3, 4, 5], 1))).toBe(12);
  expect(Math.max(...listSchedule([3, 4, 5], 3))).toBe(5);
});

test('a table with units to spare delays nothing', () => {
  expect(lastWritten([10, 20, 30], 100)).toBe(30);
});

test('once the bucket is empty, every write waits for its unit', () => {
  const atOnce = new Array(15).fill(0);
  // Ten are there at once; the other five come at ten a second.
  expect(lastWritten(atOnce, 10)).toBeCloseTo(500, 6);
});

import { ratioOf, ratioText, spreadOf, withSpread, withWorst } from '../../bench/statistics.ts';

test('a spread shows the median between the least and the greatest, and one number where all agree', () => {
  expect(withSpread(spreadOf([3, 1, 2]))).toBe('2 (1-3)');
  expect(withSpread(spreadOf([1, 2]))).toBe('1.5 (1-2)');
  expect(withSpread(spreadOf([4, 4, 4]))).toBe('4');
});

test('a count that should be zero shows its worst run', () => {
  expect(withWorst(spreadOf([0, 0, 0]))).toBe('0');
  expect(withWorst(spreadOf([0, 0, 9_929]))).toBe('0 (worst 9,929)');
});

test('a ratio is of the medians, and spreads over the rounds that both have', () => {
  const ratio = ratioOf([1, 2, 3, 9], [10, 10, 60]);
  expect(ratio).toEqual({ median: 0.25, min: 0.05, max: 0.2, runs: 3 });
  expect(withSpread(ratioOf([1, 1], [20, 20]), ratioText)).toBe('1/20');
});

test('there is no ratio where one side has no run', () => {
  expect(() => ratioOf([], [1])).toThrow(RangeError);
  expect(() => ratioOf([1], [])).toThrow(RangeError);
});

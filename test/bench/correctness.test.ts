import fc from 'fast-check';
import { isRight, mistakes } from '../../bench/process/correctness.ts';

const sent = ['a', 'b', 'c'].map((job_id, value) => ({ job_id, value }));
const right = () => new Map(sent.map(({ job_id, value }) => [job_id, value * 3]));
const nobody = new Set<string>();

test('every job stored once with its result, and nothing else, is right', () => {
  expect(isRight(mistakes(sent, nobody, { results: right(), doubles: 0 }))).toBe(true);
});

test('a job without its result is lost, unless it was reported as failed', () => {
  const results = right();
  results.delete('b');
  expect(mistakes(sent, nobody, { results, doubles: 0 })).toEqual({ failed: 0, lost: 1, doubles: 0, strangers: 0 });
  const failed = new Set(['m-b']);
  expect(mistakes(sent, failed, { results, doubles: 0 })).toEqual({ failed: 1, lost: 0, doubles: 0, strangers: 0 });
});

test('a wrong result counts as lost, a second write as a double, a result that nobody asked for as a stranger', () => {
  const results = right().set('c', 7).set('d', 9);
  expect(mistakes(sent, nobody, { results, doubles: 1 })).toEqual({ failed: 0, lost: 1, doubles: 1, strangers: 1 });
});

test('no change to what is stored passes as right', () => {
  const change = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.option(fc.integer(), { nil: undefined }));
  fc.assert(
    fc.property(change, ([id, value]) => {
      const results = right();
      fc.pre(results.get(id) !== value);
      if (value === undefined) results.delete(id);
      else results.set(id, value);
      expect(isRight(mistakes(sent, nobody, { results, doubles: 0 }))).toBe(false);
    }),
  );
});

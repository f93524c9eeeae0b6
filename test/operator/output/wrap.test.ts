import fc from 'fast-check';
import { indented, wrap } from '../../../operator/output/wrap.ts';

const words = fc.array(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((word) => !word.includes(' ')),
);

test('no line is wider than it may be, and no character is lost or cut in two', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 4, max: 40 }), (all, width) => {
      const lines = wrap(all.join(' '), width, 'cut');
      expect(lines.every((line) => line.length <= width && line.isWellFormed())).toBe(true);
      expect(lines.join('').replaceAll(' ', '')).toBe(all.join(''));
    }),
  );
});

test('a word that is longer than a line has one of its own, so that it can be copied', () => {
  expect(wrap('see https://example.com/a/b now', 10)).toEqual(['see', 'https://example.com/a/b', 'now']);
});

test('a line is filled to its last column, below it and not above it', () => {
  expect([9, 10, 11].map((width) => wrap('four fiver', width).length)).toEqual([2, 1, 1]);
});

test('all lines but the first are indented, and the indent counts', () => {
  const lines = indented(`${'x'.repeat(76)} y z`, 2).split('\n');
  expect(lines).toEqual([`${'x'.repeat(76)} y`, '  z']);
});

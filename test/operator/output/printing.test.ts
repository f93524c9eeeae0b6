import fc from 'fast-check';
import { toJson } from '../../../operator/output/json.ts';
import { oneLine } from '../../../operator/output/printable.ts';
import { table } from '../../../operator/output/table.ts';
import { shorten, shortenMiddle } from '../../../operator/output/text.ts';
import { duration, moment } from '../../../operator/output/times.ts';

const cell = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', ' '), maxLength: 120 });

test('a table is at most 80 columns wide, whatever is in it, and no line ends in a blank', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell), { maxLength: 5 }), (rows) => {
      const columns = [
        { head: 'one', shrinksTo: 8 },
        { head: 'two', shrinksTo: 4 },
        { head: 'three', shrinksTo: 8 },
      ];
      const lines = table(columns, rows).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(lines.every((line) => !line.endsWith(' '))).toBe(true);
    }),
  );
});

test('a column that may not shrink is whole; the widest of the others gives way, with an ellipsis', () => {
  const columns = [{ head: 'id' }, { head: 'reason', shrinksTo: 8 }, { head: 'n', align: 'right' as const }];
  const lines = table(columns, [
    ['i'.repeat(36), 'r'.repeat(60), '1'],
    ['short', 'ok', '20'],
  ]).split('\n');
  expect(lines[1]).toBe(`${'i'.repeat(36)}  ${'r'.repeat(37)}…   1`);
  expect(lines[2]).toBe(`short${' '.repeat(33)}ok${' '.repeat(38)}20`);
});

test('what is shortened fits, keeps its beginning, and what fits is left alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 60 }), (text, width) => {
      for (const cut of [shorten(text, width), shortenMiddle(text, width)])
        expect([...cut].length).toBeLessThanOrEqual(width);
      const line = oneLine(text);
      if ([...line].length <= width) expect(shortenMiddle(text, width)).toBe(line);
    }),
  );
  expect(shorten('one\n  two', 80)).toBe('one two');
  expect(shorten('abcdef', 4)).toBe('abc…');
  expect(shortenMiddle('abcdefgh', 5)).toBe('ab…gh');
});

test('a moment that is none has words as well', () => {
  for (const at of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) expect(moment(at)).toBe('at no known time');
});

test('a cell of several lines is one row of the table', () => {
  const columns = [{ head: 'a' }, { head: 'b' }];
  expect(table(columns, [['x\r\ny\u2028z', '1']]).split('\n')).toEqual(['a      b', 'x y z  1']);
});

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [61_000, '1 min 1 s'],
  [3_600_000, '1 h'],
  [90_061_000, '1 d 1 h'],
])('%d ms are %s', (ms, text) => expect(duration(ms)).toBe(text));

test('a moment is UTC to the second', () => {
  expect(moment(Date.parse('2026-01-31T03:04:05.999Z'))).toBe('2026-01-31 03:04:05Z');
});

test('bytes are base64 in JSON, also a Buffer', () => {
  const json = toJson({ a: new Uint8Array([1, 2]), b: Buffer.from([3]), c: 12n });
  expect(JSON.parse(json)).toEqual({ a: 'AQI=', b: 'Aw==', c: 12 });
});

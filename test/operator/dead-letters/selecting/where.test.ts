import fc from 'fast-check';
import { matches } from '../../../../operator/dead-letters/selecting/condition.ts';
import { parseWhere } from '../../../../operator/dead-letters/selecting/parse-where.ts';
import type { Json } from '../../../../src/job.ts';

const body: Json = {
  value: 42,
  name: 'Ada Lovelace',
  at: '2026-03-01T10:00:00Z',
  digits: '42',
  customer: { tier: 'gold', vip: true, gone: null },
  items: [{ id: 'a' }, { id: 'b' }],
  'my.key': { 'a b': 1 },
};

const holds = (text: string) => matches(body, parseWhere(text));

test.each([
  'value=42',
  'value = 42.0',
  'value!=41',
  'value>41',
  'value>=42',
  'value<=42',
  'value<1e3',
  'digits=42',
  'digits="42"',
  'name=Ada Lovelace',
  'name~Love',
  'name!~Byron',
  'name!=""',
  'at>2026-02-28',
  'at<"2027"',
  'customer.tier=gold',
  'customer.vip=true',
  'customer.gone=null',
  'items.1.id=b',
  'items.length=2',
  '"my.key"."a b"=1',
  'missing!=1',
  'missing!~x',
])('%s holds', (text) => {
  expect(holds(text)).toBe(true);
});

test.each([
  'value="42"',
  'value>42',
  'value>x',
  'digits>41',
  'missing=undefined',
  'missing~""',
  'missing<1',
  'customer=x',
  'customer~tier',
  'customer.constructor.name=Object',
  'name.length=12',
])('%s does not hold', (text) => {
  expect(holds(text)).toBe(false);
});

test.each([
  ['', 1, 'expected a key'],
  ['=1', 1, 'expected a key'],
  ['a..b=1', 3, 'expected a key'],
  ['value', 6, 'expected one of != >= <= !~ = > < ~'],
  ['value 10', 7, 'expected one of'],
  ['value=', 7, 'expected a value'],
  ['"a=1', 1, 'expected closing quotes'],
  ['a="b" c', 7, 'expected nothing after the quotes'],
  ['a="\\x"', 3, 'expected a string as JSON writes it'],
])('%j is refused with a mark below column %d', (text, column, problem) => {
  expect(() => parseWhere(text)).toThrow(problem);
  expect(() => parseWhere(text)).toThrow(`at column ${column}:\n  ${text}\n  ${' '.repeat(column - 1)}^`);
});

test('any scalar anywhere in any body is found by its own path and value', () => {
  const scalar = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 4 }), scalar, (path, value) => {
      const nested = path.reduceRight<Json>((inner, key) => ({ ['__proto__']: null, [key]: inner }), value);
      const text = path.map((key) => JSON.stringify(key)).join('.');
      expect(matches(nested, parseWhere(`${text} = ${JSON.stringify(value)}`))).toBe(true);
      expect(matches(nested, parseWhere(`${text}!=${JSON.stringify(value)}`))).toBe(false);
    }),
  );
});

test('whatever is written, it is read or refused with a column inside of it', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a"\\.=!<>~ ]{0,12}$/)), (text) => {
      try {
        parseWhere(text);
      } catch (error) {
        const column = Number(/at column (\d+):/.exec((error as Error).message)?.[1]);
        expect(column).toBeGreaterThanOrEqual(1);
        expect(column).toBeLessThanOrEqual(text.length + 1);
      }
    }),
  );
});

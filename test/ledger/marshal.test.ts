import { unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import type { Json } from '../../src/job.ts';
import { marshalResult } from '../../src/ledger/marshal.ts';

test('any JSON in range is what the SDK’s own unmarshaller reads back', () => {
  const number = fc.oneof(
    fc.integer(),
    fc.double({ min: -1e100, max: 1e100, noNaN: true }).filter((n) => n === 0 || Math.abs(n) > 1e-100),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constant(null),
      fc.boolean(),
      number,
      fc.string(),
      fc.array(tie('json')),
      fc.dictionary(fc.string(), tie('json')),
    ),
  }));
  fc.assert(
    fc.property(json, (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      expect(
        JSON.parse(JSON.stringify(unmarshall({ value: marshalResult(plain) }, { wrapNumbers: Number }).value)),
      ).toEqual(plain);
    }),
  );
});

test.each([9.9e125, -9.9e125, 1e-130, 0, -0, Number.MAX_SAFE_INTEGER])('%d is stored', (value) => {
  expect(Number(marshalResult(value).N)).toBe(value + 0);
});

test.each([1e126, -1e126, 9.9e-131, Number.NaN, Number.POSITIVE_INFINITY])('%d is refused for good', (value) => {
  expect(() => marshalResult({ deep: [value] })).toThrow(expect.objectContaining({ name: 'PermanentError' }));
});

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['a function', () => 1],
  ['a bigint', 1n],
])('%s is refused for good, with the type named', (_name, value) => {
  expect(() => marshalResult(value as Json)).toThrow(
    /a result must be JSON; the handler returned (undefined|function|bigint)/,
  );
});

test('392 KB is stored, one byte more is refused', () => {
  const limit = 392 * 1024;
  expect(marshalResult('x'.repeat(limit - 1)).S).toHaveLength(limit - 1);
  expect(() => marshalResult('x'.repeat(limit))).toThrow(/larger than 401408 bytes/);
  expect(() => marshalResult('é'.repeat(limit / 2))).toThrow(/larger than/);
});

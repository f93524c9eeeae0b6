import { unmarshall } from '@aws-sdk/util-dynamodb';
import fc from 'fast-check';
import type { Json } from '../../../src/job.ts';
import { marshalResult, wireBytes } from '../../../src/ledger/dynamodb/marshal.ts';

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
  ['a symbol', Symbol('x')],
])('%s is refused for good, with the type named', (_name, value) => {
  expect(() => marshalResult(value as Json)).toThrow(
    /a result must be JSON; the handler returned (undefined|function|bigint|symbol)$/,
  );
});

test('392 KB is stored, one byte more is refused', () => {
  const limit = 392 * 1024;
  expect(marshalResult('x'.repeat(limit - 1)).S).toHaveLength(limit - 1);
  expect(() => marshalResult('x'.repeat(limit))).toThrow(/larger than 401408 bytes/);
  expect(() => marshalResult('é'.repeat(limit / 2))).toThrow(/larger than/);
});

class Money {
  readonly cents = 5;
}

const loop: Record<string, unknown> = { name: 'loop' };
loop.self = { again: loop };

test.each<[string, unknown, string]>([
  ['a Date', { created: new Date(0) }, 'the handler returned an instance of Date at /created'],
  ['a Map', [1, new Map([['a', 1]])], 'the handler returned an instance of Map at /1'],
  ['a Set', { a: [{ b: new Set() }] }, 'the handler returned an instance of Set at /a/0/b'],
  ['a class instance', { price: new Money() }, 'the handler returned an instance of Money at /price'],
  [
    'an instance of a class without a name',
    { x: new (class {})() },
    'the handler returned an instance of a class at /x',
  ],
  ['a Buffer', { raw: Buffer.from('x') }, 'the handler returned an instance of Buffer at /raw'],
  [
    'a promise that nobody awaited',
    { later: Promise.resolve(1) },
    'the handler returned an instance of Promise at /later',
  ],
  ['an Error', { error: new Error('x') }, 'the handler returned an instance of Error at /error'],
  ['a function', { run() {} }, 'the handler returned function at /run'],
  ['a symbol', { kind: Symbol('x') }, 'the handler returned symbol at /kind'],
  ['a bigint', { count: 1n }, 'the handler returned bigint at /count'],
  ['undefined in an array', { all: [1, undefined] }, 'the handler returned undefined at /all/1'],
  ['a hole in an array', { all: new Array(1e9) }, 'the handler returned undefined at /all/0'],
  ['a number that is none', { a: { b: Number.NaN } }, 'number at /a/b is not finite: outside of what DynamoDB stores'],
  ['half a surrogate pair', { a: ['\ud800'] }, 'the text at /a/0 has half a surrogate pair'],
  ['half a surrogate pair in a name', { 'x\udc00': 1 }, 'the text at /x\ufffd has half a surrogate pair'],
  ['a result that contains itself', loop, 'the handler returned an object that contains itself at /self/again'],
])('%s in a result is refused for good, with the path to it', (_name, value, message) => {
  expect(() => marshalResult(value as Json)).toThrow(
    expect.objectContaining({ name: 'PermanentError', message: expect.stringContaining(message) }),
  );
});

test('a property that is undefined is left out, as JSON.stringify does', () => {
  expect(marshalResult({ a: 1, b: undefined } as unknown as Json)).toEqual({ M: { a: { N: '1' } } });
});

test('an object without a prototype is JSON like any other, and so is one of another realm', () => {
  const bare = Object.assign(Object.create(null), { a: 1 });
  const foreign = Object.assign(Object.create(Object.create(null)), { a: 1 });
  for (const value of [bare, foreign]) expect(marshalResult(value)).toEqual({ M: { a: { N: '1' } } });
});

test('31 lists and maps in each other are stored, which with their content are 32 levels; one more is refused', () => {
  const nested = (depth: number): Json => {
    let value: Json = 1;
    for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
    return value;
  };
  expect(marshalResult(nested(31))).toBeDefined();
  for (const depth of [32, 50_000]) {
    expect(() => marshalResult(nested(depth))).toThrow(/nested deeper than the 32 levels that DynamoDB takes at \//);
  }
});

describe('what a value takes is what DynamoDB counts', () => {
  const room = 392 * 1024;
  // The list itself takes 3 bytes and one for its place.
  test.each<[string, Json, number]>([
    ['null', null, 2],
    ['a boolean', true, 2],
    ['an empty list', [], 4],
    ['an empty map', {}, 4],
    ['a text', 'é', 3],
    ['a number', 7, 2],
    ['a map of one pair', { ab: null }, 8],
  ])('%s', (_name, value, bytes) => {
    const most = Math.floor((room - 4) / bytes);
    expect(marshalResult(Array(most).fill(value)).L).toHaveLength(most);
    expect(() => marshalResult(Array(most + 1).fill(value))).toThrow(/larger than 401408 bytes/);
  });

  test('1.5 million nulls are too many', () => {
    expect(() => marshalResult(Array(1_500_000).fill(null))).toThrow(/larger than/);
  });
});

test('what a result takes in a request is known, or bounded where it is small', () => {
  const json: fc.Arbitrary<Json> = fc.array(
    fc.oneof(fc.jsonValue() as fc.Arbitrary<Json>, fc.string({ unit: 'binary' })),
  );
  fc.assert(
    fc.property(json, fc.integer({ min: 1, max: 300 }), (value, times) => {
      const wellFormed = JSON.parse(
        JSON.stringify(value)
          .toWellFormed()
          .replaceAll(/\\ud[89a-f]../gi, 'x'),
      );
      let marshalled: ReturnType<typeof marshalResult>;
      try {
        marshalled = marshalResult(Array(times).fill(wellFormed));
      } catch {
        return;
      }
      const bytes = Buffer.byteLength(JSON.stringify(marshalled));
      expect(wireBytes(marshalled)).toBeGreaterThanOrEqual(bytes);
      // A comma each is the most that is counted too many.
      expect(wireBytes(marshalled)).toBeLessThanOrEqual(Math.max(9 * 16 * 1024, bytes * 1.2));
    }),
    { numRuns: 50 },
  );
});

test.each<[string, Json]>([
  ['empty texts', ''],
  ['nulls', null],
  ['empty lists', []],
  ['control characters', '\u0001'.repeat(100)],
  ['digits', 1],
])('a result of %s stays below 4 MB in a request', (_name, value) => {
  for (let count = 400_000; ; count = Math.floor(count * 0.6)) {
    try {
      expect(wireBytes(marshalResult(Array(count).fill(value)))).toBeLessThan(4_000_000);
      return;
    } catch (error) {
      if ((error as Error).name !== 'PermanentError') throw error;
    }
  }
});

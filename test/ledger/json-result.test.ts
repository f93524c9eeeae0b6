import fc from 'fast-check';
import { PermanentError } from '../../src/failures/errors.ts';
import { resultText } from '../../src/ledger/json-result.ts';

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
const circular: { self?: unknown } = {};
circular.self = { circular };
const holed = [1, 2, 3];
delete holed[1];

test('what is read back is what was returned, order of keys included', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      fc.pre(JSON.stringify(value).isWellFormed() && !/\\ud[89a-f]/i.test(JSON.stringify(value)));
      expect(resultText(value as never)).toBe(JSON.stringify(value));
    }),
  );
});

test.each<[string, unknown, RegExp]>([
  ['undefined', undefined, /returned undefined$/],
  ['a function deep inside', { a: [1, () => 1] }, /returned function at \/a\/1/],
  ['a Date', { at: new Date() }, /an instance at \/at/],
  ['a Map', new Map(), /an instance$/],
  ['a number that is not finite', [Number.NaN], /not finite/],
  ['a hole', holed, /returned undefined at \/1/],
  ['half a surrogate pair', { a: '\ud800' }, /\/a has half a surrogate pair/],
  ['half a surrogate pair in a name', { '\ud800': 1 }, /well-formed/],
  ['an object that contains itself', circular, /contains itself at \/self\/circular/],
  ['32 levels', nested(32), /31 levels/],
  ['more than 392 KB', 'é'.repeat(200 * 1024), /larger than 401408 bytes/],
])('%s is refused', (_what, result, message) => {
  const refused = () => resultText(result as never);
  expect(refused).toThrow(PermanentError);
  expect(refused).toThrow(message);
});

test.each<[string, unknown, string]>([
  ['31 levels', nested(31), `${'['.repeat(31)}1${']'.repeat(31)}`],
  ['392 KB to the byte', 'x'.repeat(392 * 1024 - 2), JSON.stringify('x'.repeat(392 * 1024 - 2))],
  ['a property that is undefined is left out, and the rest', { a: undefined, b: 1 }, '{"b":1}'],
  ['the same object twice', Array(2).fill({ a: 1 }), '[{"a":1},{"a":1}]'],
])('%s is taken', (_what, result, text) => {
  expect(resultText(result as never)).toBe(text);
});

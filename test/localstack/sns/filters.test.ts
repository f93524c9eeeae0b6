import { compilePolicy, type Scope } from '../../../localstack/sns/filter-policy.ts';
import type { Published } from '../../../localstack/sns/message.ts';
import type { Attribute } from '../../../localstack/sqs/message-attributes.ts';

const message = (body: unknown, attributes: Record<string, Attribute> = {}): Published => ({
  body: typeof body === 'string' ? body : JSON.stringify(body),
  subject: undefined,
  attributes,
  groupId: undefined,
  deduplicationId: undefined,
  trace: undefined,
});
const passes = (policy: object, scope: Scope, published: Published) =>
  compilePolicy(JSON.stringify(policy), scope)(published);
const text = (StringValue: string): Attribute => ({ DataType: 'String', StringValue });
const number = (StringValue: string): Attribute => ({ DataType: 'Number', StringValue });
const list = (...values: unknown[]): Attribute => ({ DataType: 'String.Array', StringValue: JSON.stringify(values) });

// What the developer guide says of each operator [SNS: string, numeric and key matching; constraints].
const OPERATORS: [string, unknown[], unknown[], unknown[]][] = [
  ['a text', ['eur'], ['eur'], ['EUR', 'eur ', 'e']],
  ['one of several', ['eur', 'usd'], ['usd'], ['chf']],
  ['a number', [100], [100, 100.0], [101]],
  ['prefix', [{ prefix: 'ab' }], ['ab', 'abc'], ['a', 'bab', 'AB']],
  ['suffix', [{ suffix: 'yz' }], ['yz', 'xyz'], ['z', 'yza']],
  ['equals-ignore-case', [{ 'equals-ignore-case': 'Eur' }], ['EUR', 'eur'], ['euro']],
  ['anything-but a text', [{ 'anything-but': 'eur' }], ['usd', 'EUR'], ['eur']],
  ['anything-but several', [{ 'anything-but': ['eur', 'usd'] }], ['chf'], ['eur', 'usd']],
  ['anything-but numbers', [{ 'anything-but': [100, 500] }], [99, 101], [100, 500]],
  ['anything-but a prefix', [{ 'anything-but': { prefix: 'order-' } }], ['other'], ['order-', 'order-1']],
  ['anything-but a suffix', [{ 'anything-but': { suffix: 'ball' } }], ['rugby'], ['football']],
  ['anything-but a wildcard', [{ 'anything-but': { wildcard: '*b*' } }], ['rugy'], ['rugby', 'b']],
  ['numeric, equal', [{ numeric: ['=', 301.5] }], [301.5, 3.015e2], [301, 302]],
  ['numeric, at least', [{ numeric: ['>=', 100] }], [100, 1e9], [99.99999, -100]],
  ['numeric, between', [{ numeric: ['>', 0, '<=', 150] }], [0.00001, 150], [0, 150.00001, -1]],
  ['numeric, negative', [{ numeric: ['<', 0] }], [-0.5], [0, 1]],
  ['wildcard', [{ wildcard: '*ball' }, { wildcard: 'a*c*e' }], ['football', 'ball', 'abcde', 'ace'], ['balls', 'acd']],
  ['cidr', [{ cidr: '10.0.0.0/24' }], ['10.0.0.0', '10.0.0.255'], ['10.1.1.0', 'text']],
  ['exists', [{ exists: true }], ['x', 0], []],
];

describe.each<[Scope, (value: unknown) => Published]>([
  ['MessageBody', (value) => message({ key: value, other: 1 })],
  [
    'MessageAttributes',
    (value) =>
      message('no JSON', {
        key: typeof value === 'number' ? number(String(value)) : text(String(value)),
        other: text('x'),
      }),
  ],
])('by %s', (scope, withValue) => {
  test.each(OPERATORS)('%s', (_, conditions, matching, others) => {
    for (const value of matching)
      expect([value, passes({ key: conditions }, scope, withValue(value))]).toEqual([value, true]);
    for (const value of others)
      expect([value, passes({ key: conditions }, scope, withValue(value))]).toEqual([value, false]);
  });

  test('a key that is not there matches nothing but exists: false, not even anything-but', () => {
    for (const [, conditions] of OPERATORS) expect(passes({ absent: conditions }, scope, withValue('x'))).toBe(false);
    expect(passes({ absent: [{ exists: false }] }, scope, withValue('x'))).toBe(true);
    expect(passes({ key: [{ exists: false }] }, scope, withValue('x'))).toBe(false);
  });

  test('all keys must match, of one key’s conditions one, and of $or one group', () => {
    const both = { key: ['x', 'y'], other: [{ exists: true }] };
    expect(passes(both, scope, withValue('y'))).toBe(true);
    expect(passes(both, scope, withValue('z'))).toBe(false);
    const either = { other: [{ exists: true }], $or: [{ key: ['x'] }, { key: [{ prefix: 'long-' }] }] };
    expect(['x', 'long-y', 'y'].map((value) => passes(either, scope, withValue(value)))).toEqual([true, true, false]);
  });
});

test('texts are no numbers, and numbers no texts', () => {
  const numeric = { key: [{ numeric: ['>=', 100] }] };
  expect(passes(numeric, 'MessageBody', message({ key: '100' }))).toBe(false);
  expect(passes(numeric, 'MessageAttributes', message('', { key: text('100') }))).toBe(false);
  expect(passes({ key: ['100'] }, 'MessageBody', message({ key: 100 }))).toBe(false);
  expect(passes({ key: [true] }, 'MessageBody', message({ key: 'true' }))).toBe(false);
  expect(passes({ key: [true] }, 'MessageBody', message({ key: true }))).toBe(true);
  expect(passes({ key: [null] }, 'MessageBody', message({ key: null }))).toBe(true);
});

test('numbers beyond 10^9 are compared with nothing', () => {
  const numeric = { key: [{ numeric: ['>', 0] }] };
  expect(passes(numeric, 'MessageBody', message({ key: 1e9 }))).toBe(true);
  expect(passes(numeric, 'MessageBody', message({ key: 1e9 + 1 }))).toBe(false);
});

test('of a list one element is enough, for anything-but each must be another', () => {
  const interests = (...values: unknown[]) => [
    passes({ key: ['rugby'] }, 'MessageAttributes', message('', { key: list(...values) })),
    passes({ key: ['rugby'] }, 'MessageBody', message({ key: values })),
  ];
  expect(interests('soccer', 'rugby')).toEqual([true, true]);
  expect(interests('soccer')).toEqual([false, false]);
  expect(passes({ key: [{ 'anything-but': ['rugby'] }] }, 'MessageBody', message({ key: ['rugby', 'x'] }))).toBe(false);
  expect(passes({ key: [{ numeric: ['>', 5] }] }, 'MessageBody', message({ key: [1, 6] }))).toBe(true);
});

test('keys of the body nest, and of a list of objects one must match as a whole', () => {
  const policy = { order: { items: { sku: ['a'], count: [{ numeric: ['>', 1] }] } } };
  const order = (...items: object[]) => message({ order: { items } });
  expect(passes(policy, 'MessageBody', order({ sku: 'b', count: 9 }, { sku: 'a', count: 2 }))).toBe(true);
  expect(passes(policy, 'MessageBody', order({ sku: 'a', count: 1 }, { sku: 'b', count: 2 }))).toBe(false);
  expect(passes(policy, 'MessageBody', message({ order: { items: { sku: 'a', count: 2 } } }))).toBe(true);
  expect(passes(policy, 'MessageBody', message({ 'order.items.sku': 'a' }))).toBe(false);
});

test('a body that is no object and a message without attributes match no policy', () => {
  const policy = { absent: [{ exists: false }] };
  for (const body of ['text', '[{"a":1}]', '"a"', 'null', '{}', '{']) {
    expect([body, passes(policy, 'MessageBody', message(body))]).toEqual([body, false]);
  }
  expect(passes(policy, 'MessageAttributes', message({ a: 1 }))).toBe(false);
  const binary: Attribute = { DataType: 'Binary', BinaryValue: 'AAAA' };
  expect(passes({ key: [{ exists: true }] }, 'MessageAttributes', message('', { key: binary }))).toBe(false);
});

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, ['x']]));
const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);

test.each<[string, string, Scope, string]>([
  ['no JSON', '{', 'MessageBody', 'failed to parse JSON'],
  ['a list', '[]', 'MessageBody', 'must be a JSON object'],
  ['six keys', JSON.stringify(keys(6)), 'MessageBody', 'more than 5 keys'],
  ['151 combinations', JSON.stringify({ a: values(151) }), 'MessageBody', 'too complex'],
  ['152 combinations by depth', JSON.stringify({ a: { b: values(76) } }), 'MessageBody', 'too complex'],
  ['nesting by attributes', '{"a":{"b":["x"]}}', 'MessageAttributes', 'does not support nested'],
  ['an empty list', '{"a":[]}', 'MessageBody', 'Empty arrays are not allowed'],
  ['a bare value', '{"a":"x"}', 'MessageBody', 'expected a list of conditions'],
  ['an unknown operator', '{"a":[{"contains":"x"}]}', 'MessageBody', 'operator "contains"'],
  ['a number beyond 10^9', '{"a":[{"numeric":[">",1000000001]}]}', 'MessageBody', 'between -1.0E9 and 1.0E9'],
  ['four asterisks', '{"a":[{"wildcard":"*a*b*c*"}]}', 'MessageBody', 'at most three asterisks'],
  ['half an address', '{"a":[{"cidr":"10.0.0.0"}]}', 'MessageBody', 'cidr expects'],
])('a policy of %s is refused', (_, policy, scope, reason) => {
  expect(() => compilePolicy(policy, scope)).toThrow(reason);
});

test('nested keys do not count, only those at the top', () => {
  expect(() => compilePolicy(JSON.stringify({ a: keys(5), b: ['x'] }), 'MessageBody')).not.toThrow();
});

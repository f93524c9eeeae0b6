import { compileFilter } from '../../../localstack/mapping/filter.ts';
import { InvalidFilterError } from '../../../localstack/mapping/filter-rule.ts';
import { until } from '../functions/world.ts';
import { mappingWorld, recordingFunction } from './world.ts';

const criteria = (...patterns: unknown[]) => ({
  Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })),
});
const passes = (pattern: unknown, message: unknown): boolean =>
  compileFilter(criteria(pattern))(typeof message === 'string' ? message : JSON.stringify(message));

test.each([
  [{ body: { type: ['a', 'b'] } }, { type: 'b' }, { type: 'c' }],
  [{ body: { n: [1, null, true] } }, { n: null }, { n: '1' }],
  [{ body: { type: ['a'], n: [1] } }, { type: 'a', n: 1, more: 2 }, { type: 'a', n: 2 }],
  [{ body: { customer: { tier: ['gold'] } } }, { customer: { tier: 'gold' } }, { customer: 'gold' }],
  [{ body: { type: [{ prefix: 'or' }] } }, { type: 'order' }, { type: 'for' }],
  [{ body: { type: [{ suffix: 'er' }] } }, { type: 'order' }, { type: 'erx' }],
  [{ body: { type: [{ 'equals-ignore-case': 'GoLd' }] } }, { type: 'gOLD' }, { type: 'gol' }],
  [{ body: { type: [{ 'anything-but': ['x', 'y'] }] } }, { type: 'z' }, { type: 'y' }],
  [{ body: { type: [{ 'anything-but': 5 }] } }, { type: '5' }, { type: 5 }],
  [{ body: { type: [{ 'anything-but': { prefix: 'x' } }] } }, { type: 'y' }, { type: 'xy' }],
  [{ body: { type: [{ 'anything-but': 'x' }] } }, { type: 1 }, { other: 1 }],
  [{ body: { n: [{ numeric: ['=', 5] }] } }, { n: 5 }, { n: '5' }],
  [{ body: { n: [{ numeric: ['>', 0, '<=', 5] }] } }, { n: 5 }, { n: 0 }],
  [{ body: { n: [{ exists: true }] } }, { n: null }, { m: 1 }],
  [{ body: { n: [{ exists: false }] } }, { m: 1 }, { n: 1 }],
  [{ body: { tags: ['red'] } }, { tags: ['blue', 'red'] }, { tags: ['blue'] }],
  [{ body: { $or: [{ a: [1] }, { b: [2] }] } }, { b: 2 }, { a: 2, b: 1 }],
  [{ body: ['plain', { prefix: 'key=' }] }, 'key=1', '{"key":1}'],
  [{ body: { type: ['a'] } }, '{"type":"a"}', 'type a'],
  [{ body: { constructor: [{ exists: true }] } }, { constructor: 1 }, {}],
])('%j lets %j through and not %j', (pattern, matching, other) => {
  expect(passes(pattern, matching)).toBe(true);
  expect(passes(pattern, other)).toBe(false);
});

test('no criteria and no filters let everything through; of several filters one is enough', () => {
  expect([undefined, null, {}, { Filters: [] }].map((none) => compileFilter(none)('anything'))).toEqual(
    Array(4).fill(true),
  );
  const either = compileFilter(criteria({ body: { a: [1] } }, { body: { b: [1] } }));
  expect(['{"a":1}', '{"b":1}', '{"c":1}'].map(either)).toEqual([true, true, false]);
});

test.each([
  [{ Filters: 'none' }, /expected \{ Filters/],
  [{ Filters: [{ Pattern: '{' }] }, /not valid JSON/],
  [{ Filters: [{}] }, /Filters\[0\]/],
  [criteria({ attributes: { SenderId: ['x'] } }), /"body" only, not on attributes/],
  [criteria({ body: 'bare' }), /expected a list or an object/],
  [criteria({ body: { type: 'bare' } }), /body\.type: expected a list or an object, not a bare value/],
  [criteria({ body: { type: [] } }), /empty list/],
  [criteria({ body: { type: [{ wildcard: 'a*' }] } }), /operator "wildcard" is not supported here/],
  [criteria({ body: { type: [{ prefix: 'a', suffix: 'b' }] } }), /one operator/],
  [criteria({ body: { n: [{ numeric: ['>'] }] } }), /expected pairs/],
  [criteria({ body: { n: [{ exists: 'yes' }] } }), /true or false/],
  [criteria({ body: { $or: { a: [1] } } }), /\$or: expected a list/],
  [criteria(...Array(11).fill({ body: { a: [1] } })), /at most 10/],
])('%j is refused', (bad, message) => {
  expect(() => compileFilter(bad)).toThrow(InvalidFilterError);
  expect(() => compileFilter(bad)).toThrow(message);
});

test('what does not match is deleted for good and never invokes the function; what matches is delivered', async () => {
  await using world = await mappingWorld();
  await world.send(['{"type":"a","n":1}', '{"type":"b"}', 'garbage', '{"type":"a","n":2}']);
  const lambda = recordingFunction(() => Promise.reject(new Error('keep them')));
  const mapping = world.map(lambda, { filterCriteria: criteria({ body: { type: ['a'] } }) });
  await until(() => mapping.stats().deleted === 2 && mapping.stats().returned === 2, 'all are dealt with');
  expect(
    lambda.batches
      .flat()
      .map((record) => JSON.parse(record.body).n)
      .sort(),
  ).toEqual([1, 2]);
  expect(world.counts()).toEqual({ waiting: 0, inFlight: 2 });
  expect(world.counts('dead')).toEqual({ waiting: 0, inFlight: 0 });
});

test('a mapping with criteria that are not understood is refused when it is made', async () => {
  await using world = await mappingWorld();
  expect(() => world.map(recordingFunction(), { filterCriteria: criteria({ data: ['x'] }) })).toThrow(
    InvalidFilterError,
  );
});

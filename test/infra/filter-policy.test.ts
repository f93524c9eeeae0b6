import { STAGE_KEYS } from '../../infra/declaration-rules.js';
import { completeQueues } from '../../infra/declarations.js';

const DEFAULTS = Object.fromEntries(STAGE_KEYS.map((key) => [key, 5]));
const PROJECT = { prefix: 'sluice-x', functions: ['mails'], jobTypes: [], named: [], topics: ['orders'] };
const complete = (mails: object) => completeQueues({ mails }, DEFAULTS, PROJECT).mails;
const filtered = (filter: unknown, filterScope?: string) => () =>
  complete({ topic: 'orders', filter, ...(filterScope && { filterScope }) });
const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);

test('a subscriber filters by the message’s body, unless it says otherwise', () => {
  const filter = { amount: [{ numeric: ['>', 0] }] };
  expect(complete({ topic: 'orders' })).toMatchObject({ topic: 'orders' });
  expect(complete({ topic: 'orders' })).not.toHaveProperty('filterScope');
  expect(complete({ topic: 'orders', filter })).toMatchObject({ filter, filterScope: 'MessageBody' });
  expect(complete({ topic: 'orders', filter, filterScope: 'MessageAttributes' })).toMatchObject({
    filterScope: 'MessageAttributes',
  });
});

test.each([
  ['every operator', { a: ['x', 1, true, null, { prefix: 'p' }, { 'anything-but': ['x'] }, { exists: false }] }],
  ['five keys', Object.fromEntries(values(5).map((key) => [key, ['x']]))],
  ['150 combinations', { a: values(15), b: values(10) }],
  ['nested keys', { customer: { country: ['de', 'at'] } }],
  ['alternatives', { $or: [{ a: ['x'] }, { b: ['y'] }] }],
  ['the largest number', { a: [{ numeric: ['<=', 1e9] }] }],
])('%s are what SNS takes', (_, filter) => {
  expect(filtered(filter)).not.toThrow();
});

test.each<[string, object, string]>([
  ['an unknown topic', { topic: 'order' }, 'custom.queues.mails.topic is "order", and no such topic is declared'],
  ['a filter without a topic', { filter: { a: ['x'] } }, 'custom.queues.mails.filter: without a topic'],
  ['a scope without a topic', { filterScope: 'MessageBody' }, 'custom.queues.mails.filterScope: without a topic'],
  ['a FIFO queue', { topic: 'orders', fifo: true }, 'custom.queues.mails.topic: SNS subscribes no FIFO queue'],
  ['a scope without a filter', { topic: 'orders', filterScope: 'MessageBody' }, 'filterScope: there is no filter'],
  [
    'an unknown scope',
    { topic: 'orders', filter: { a: ['x'] }, filterScope: 'Body' },
    'filterScope must be MessageBody or MessageAttributes, not "Body"',
  ],
])('%s is refused', (_, entry, message) => {
  expect(() => complete(entry)).toThrow(message);
});

test.each<[string, unknown, string]>([
  ['a text', 'amount > 100', 'filter must be a filter policy of SNS'],
  ['nothing', {}, 'filter must be a filter policy of SNS'],
  ['a bare value', { a: 'x' }, 'filter.a must be a list of values and operators'],
  ['an empty list', { a: [] }, 'filter.a must be a list of values and operators'],
  ['an unknown operator', { a: [{ contains: 'x' }] }, 'filter.a: a condition is a value or one operator of prefix'],
  ['two operators', { a: [{ prefix: 'x', suffix: 'y' }] }, 'filter.a: a condition is a value or one operator'],
  ['half a comparison', { a: [{ numeric: ['>='] }] }, 'filter.a: numeric takes pairs'],
  ['a comparison with a text', { a: [{ numeric: ['>=', '5'] }] }, 'filter.a: numeric takes pairs'],
  ['a number that SNS cannot compare', { a: [{ numeric: ['>=', 1e9 + 1] }] }, 'with numbers from -10^9 to 10^9'],
  ['six keys', Object.fromEntries(values(6).map((key) => [key, ['x']])), 'filter has 6 keys, and SNS takes 5'],
  ['151 values', { a: values(151) }, 'filter has 151 combinations'],
  ['deep values', { a: { b: values(76) } }, 'filter has 152 combinations'],
  ['one alternative', { $or: [{ a: ['x'] }] }, 'filter.$or must be a list of two or more mappings'],
])('a filter of %s is refused', (_, filter, message) => {
  expect(filtered(filter)).toThrow(message);
});

test('attributes are not nested', () => {
  expect(filtered({ a: { b: ['x'] } }, 'MessageAttributes')).toThrow('filter is nested, and attributes are not');
});

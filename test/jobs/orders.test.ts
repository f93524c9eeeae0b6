import fc from 'fast-check';
import { EnvironmentReader } from '../../src/env.ts';
import type { AnyJobType } from '../../src/job.ts';
import orderNotify from '../../src/jobs/orders/order-notify.ts';
import orderSales from '../../src/jobs/orders/order-sales.ts';
import orderStock from '../../src/jobs/orders/order-stock.ts';
import { jobContext } from '../job-context.ts';

const TYPES: [string, AnyJobType][] = [
  ['order-sales', orderSales],
  ['order-stock', orderStock],
  ['order-notify', orderNotify],
];
const ORDER = { order_id: 'o-1', amount: 120, customer_id: 'c-1' };
const amounts = fc.integer({ min: 0, max: 100_000_000_000 }).map((cents) => cents / 100);
const order = fc.record({
  order_id: fc.string({ minLength: 1 }),
  amount: amounts,
  customer_id: fc.string({ minLength: 1 }),
});

const settingsOf = (type: AnyJobType, variables: Record<string, string>) => {
  const read = new EnvironmentReader(variables);
  const settings = type.settings(read);
  read.check();
  return settings;
};
// biome-ignore lint/suspicious/noExplicitAny: a result is JSON
const run = async (type: AnyJobType, job: object, variables: Record<string, string> = {}): Promise<any> =>
  type.handle(job, jobContext({ settings: settingsOf(type, variables) }));

describe.each(TYPES)('%s', (name, type) => {
  test('takes the order as producers send it, also with its type', () => {
    expect(type.schema(ORDER)).toBe(true);
    expect(type.schema({ ...ORDER, type: name })).toBe(true);
    expect(type.schema({ ...ORDER, type: 'order' })).toBe(false);
  });

  test.each<[string, object]>([
    ['no id', { order_id: undefined }],
    ['an empty id', { order_id: '' }],
    ['an id of 257 characters', { order_id: 'x'.repeat(257) }],
    ['a number as id', { order_id: 1 }],
    ['an amount below zero', { amount: -0.01 }],
    ['an amount beyond 10^9', { amount: 1_000_000_000.01 }],
    ['an amount that is infinite', { amount: Number.POSITIVE_INFINITY }],
    ['an amount as a text', { amount: '120' }],
    ['no customer', { customer_id: undefined }],
    ['a customer of 257 characters', { customer_id: 'x'.repeat(257) }],
    ['a field of another kind', { discount: 1 }],
  ])('refuses an order with %s', (_, changes) => {
    expect(type.schema(JSON.parse(JSON.stringify({ ...ORDER, ...changes }), (_key, value) => value))).toBe(false);
  });

  test('is idempotent by the order’s id, in a namespace of its own', () => {
    expect([type.namespace, type.key(ORDER as never)]).toEqual([name, 'o-1']);
  });
});

test('sales books net and VAT so that they add up, to the cent', async () => {
  expect(await run(orderSales, ORDER)).toEqual({ customer: 'c-1', segment: 'medium', gross: 120, net: 100, vat: 20 });
  expect(await run(orderSales, ORDER, { VAT_PERCENT: '0' })).toMatchObject({ net: 120, vat: 0 });
  await fc.assert(
    fc.asyncProperty(order, fc.integer({ min: 0, max: 100 }), async (job, vatPercent) => {
      const { gross, net, vat } = await run(orderSales, job, { VAT_PERCENT: String(vatPercent) });
      const cents = (value: number) => Math.round(value * 100);
      expect(cents(gross)).toBe(cents(job.amount));
      expect(cents(net) + cents(vat)).toBe(cents(gross));
      expect(Math.abs(cents(net) * (1 + vatPercent / 100) - cents(gross))).toBeLessThanOrEqual(1.01);
    }),
  );
});

test.each([
  [0, 'small'],
  [99.99, 'small'],
  [100, 'medium'],
  [999.99, 'medium'],
  [1_000, 'large'],
])('an order of %d is a %s one', async (amount, segment) => {
  expect(await run(orderSales, { ...ORDER, amount })).toMatchObject({ segment });
});

test('stock reserves parcels, of one warehouse for each customer, and the same whenever it is asked', async () => {
  const variables = { WAREHOUSES: 'north, south, west' };
  const first = await run(orderStock, ORDER, variables);
  expect(first).toEqual({
    reservation: expect.stringMatching(/^[0-9a-f]{16}$/),
    warehouse: expect.stringMatching(/^(north|south|west)$/),
    parcels: 1,
  });
  expect(await run(orderStock, ORDER, variables)).toEqual(first);
  const other = await run(orderStock, { ...ORDER, order_id: 'o-2', amount: 500.01 }, variables);
  expect(other).toMatchObject({ warehouse: first.warehouse, parcels: 2 });
  expect(other.reservation).not.toBe(first.reservation);
});

test('every warehouse has its share, and a new one takes customers from the others only', async () => {
  const warehouseOf = async (customer: number, WAREHOUSES: string) =>
    (await run(orderStock, { ...ORDER, customer_id: `c-${customer}` }, { WAREHOUSES })).warehouse;
  const counts = new Map<string, number>();
  for (let customer = 0; customer < 300; customer++) {
    const before = await warehouseOf(customer, 'a,b');
    const after = await warehouseOf(customer, 'a,b,c');
    if (after !== before) expect(after).toBe('c');
    counts.set(after, (counts.get(after) ?? 0) + 1);
  }
  for (const name of ['a', 'b', 'c']) expect(counts.get(name)).toBeGreaterThan(60);
});

test('without a warehouse the function does not start, and says what to set', () => {
  expect(() => settingsOf(orderStock, { WAREHOUSES: ' ,' })).toThrow('WAREHOUSES is not set: name at least one');
});

test('without a URL the notification is the result', async () => {
  expect(await run(orderNotify, ORDER)).toEqual({ notification: { event: 'order.placed', ...ORDER } });
});

test.each(['hooks.example', 'ftp://hooks.example/', 'https://'])('the URL %s is refused without being told', (url) => {
  expect(() => settingsOf(orderNotify, { NOTIFY_URL: url })).toThrow('NOTIFY_URL is not an http or https URL');
  expect(() => settingsOf(orderNotify, { NOTIFY_URL: url })).not.toThrow(url);
});

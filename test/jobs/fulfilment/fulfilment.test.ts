import { EnvironmentReader } from '../../../src/env.ts';
import charge from '../../../src/jobs/fulfilment/fulfil-charge.ts';
import reserve from '../../../src/jobs/fulfilment/fulfil-reserve.ts';
import ship, { shippingNumber } from '../../../src/jobs/fulfilment/fulfil-ship.ts';
import { jobContext } from '../../job-context.ts';

const ORDER = { order_id: 'o-1', amount: 120.5, customer_id: 'c-1' };
const settings = { warehouses: ['north', 'south'], limit: 1_000 };

test('what each step hands over is what the next one takes, and it all depends on the order alone', async () => {
  for (const _ of [1, 2]) {
    const reserved = await reserve.handle(ORDER, jobContext({ settings }));
    const toCharge = reserve.handOver?.(ORDER, reserved);
    expect(toCharge).toEqual({ ...ORDER, reservation: 'rsv_50b7b1b1e7251a04', warehouse: expect.any(String) });
    expect(charge.schema(toCharge)).toBe(true);
    const charged = await charge.handle(toCharge as never, jobContext({ settings }));
    expect(charged).toMatchObject({ cents: 12_050, customer: 'c-1' });
    const toShip = charge.handOver?.(toCharge as never, charged);
    expect(ship.schema(toShip)).toBe(true);
    expect(await ship.handle(toShip as never, jobContext({ settings: undefined }))).toMatchObject({
      number: shippingNumber('o-1'),
      payment: charged.payment,
    });
  }
  expect(ship.handOver).toBeUndefined();
});

test('an amount above the limit is not charged, and nothing follows', async () => {
  const order = { ...ORDER, amount: 1_000.01, reservation: 'r', warehouse: 'north' };
  expect(() => charge.handle(order, jobContext({ settings }))).toThrow('the amount is above the 1000 that are charged');
  expect(() => charge.handle({ ...order, amount: 1_000 }, jobContext({ settings }))).not.toThrow();
});

test('a shipping number has 18 digits, and a misread one does not fit its check digit', () => {
  const number = shippingNumber('o-1');
  expect(number).toMatch(/^\d{18}$/);
  const weighted = (text: string) =>
    [...text].reduce((sum, digit, i) => sum + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  expect(weighted(number) % 10).toBe(0);
  const misread = number.replace(/^./, (digit) => String((Number(digit) + 1) % 10));
  expect(weighted(misread) % 10).not.toBe(0);
  expect(new Set(Array.from({ length: 1_000 }, (_, i) => shippingNumber(`o-${i}`))).size).toBe(1_000);
});

test('a warehouse is needed', () => {
  const variables = new EnvironmentReader({ WAREHOUSES: ' , ' });
  reserve.settings(variables);
  expect(() => variables.check()).toThrow('WAREHOUSES is not set: name at least one');
});

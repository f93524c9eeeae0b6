import { Slots } from '../../src/engine/slots.ts';

test('hands out each number once, then makes the next ones wait in order of asking', async () => {
  const slots = new Slots(2);
  expect([slots.take(), slots.take()]).toEqual([1, 2]);
  const order: string[] = [];
  const third = Promise.resolve(slots.take()).then((slot) => order.push(`third:${slot}`));
  const fourth = Promise.resolve(slots.take()).then((slot) => order.push(`fourth:${slot}`));
  slots.give(2);
  slots.give(1);
  await Promise.all([third, fourth]);
  expect(order).toEqual(['third:2', 'fourth:1']);
});

test('a slot that nobody waits for is free again', () => {
  const slots = new Slots(1);
  slots.give(slots.take() as number);
  expect(slots.take()).toBe(1);
});

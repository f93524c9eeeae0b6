import { Budget } from '../../src/payloads/budget.ts';

test('who finds no room waits in line, and a large one is not passed by small ones', async () => {
  const budget = new Budget(10);
  const order: string[] = [];
  const giveBack = await budget.take(8);
  const large = budget.take(10).then((release) => {
    order.push('large');
    return release;
  });
  const small = budget.take(1).then(() => order.push('small'));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  expect(budget.isShort).toBe(true);
  giveBack();
  giveBack();
  const release = await large;
  await new Promise(setImmediate);
  expect(order).toEqual(['large']);
  release();
  await small;
  expect(budget.isShort).toBe(false);
});

test('more than there is counts as all there is', async () => {
  const budget = new Budget(10);
  const release = await budget.take(11);
  release();
  await (await budget.take(10))();
});

test('once it is closed, all who wait and all later ones are told why', async () => {
  const budget = new Budget(1);
  await budget.take(1);
  const waiting = budget.take(1);
  budget.close(() => new Error('over'));
  await expect(waiting).rejects.toThrow('over');
  await expect(budget.take(0)).rejects.toThrow('over');
});

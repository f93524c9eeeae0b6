import type { World } from '../../../localstack/cloud-under-test.ts';
import { planRedrive, redriveCloud, storeResult } from '../redriving/redrive-world.ts';
import { TenHeads } from './ten-heads.ts';

let world: World;
beforeEach(async () => {
  world = await redriveCloud();
});
afterEach(() => world[Symbol.asyncDispose]());

const body = (id: string) => JSON.stringify({ job_id: id, value: 1 });
/** Group by group in turn; what stands in the way of `name` is a letter that would fail again. */
const letters = (count: number, poison?: string) =>
  Array.from({ length: count }, (_, i) => ['a', 'b'].map((group) => `${group}${i}`))
    .flat()
    .map((name) => ({ group: name.charAt(0), body: name === poison ? `{"poison":"${name}"}` : body(name) }));
const numbersOf = (bodies: readonly string[], group: string) =>
  bodies
    .map((text) => String(JSON.parse(text).job_id))
    .filter((id) => id.startsWith(group))
    .map((id) => Number(id.slice(1)));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test('ten of a group at once still go one after the other, to the last', async () => {
  const queue = new TenHeads(letters(33));
  const { plan, apply } = await planRedrive(world, 'main.fifo', { sqs: queue.sqs });
  expect(plan.totals.goesBack).toBe(20);
  const { tally } = await apply();
  expect(tally.sent).toBe(66);
  for (const group of ['a', 'b']) expect(numbersOf(queue.sent, group)).toEqual(upTo(33));
  expect([queue.left, queue.hidden]).toEqual([[], 0]);
});

test('nothing goes behind a letter that stays, within one receive or after it', async () => {
  const queue = new TenHeads(letters(15, 'b4'));
  const { plan, apply } = await planRedrive(world, 'main.fifo', { sqs: queue.sqs });
  expect(plan.totals).toMatchObject({ goesBack: 14, wouldFailAgain: 1, orderAtRisk: 5 });
  await apply();
  expect(numbersOf(queue.sent, 'a')).toEqual(upTo(15));
  expect(numbersOf(queue.sent, 'b')).toEqual(upTo(4));
  expect([queue.left.length, queue.hidden]).toEqual([11, 0]);
});

test('where the operator allows it, what is within reach goes past a letter that stays', async () => {
  const queue = new TenHeads(letters(15, 'b4'));
  const { plan, apply } = await planRedrive(world, 'main.fifo', { sqs: queue.sqs, allowReorder: true });
  expect(plan.totals).toMatchObject({ goesBack: 19, wouldFailAgain: 1, orderAtRisk: 0 });
  await apply();
  // SQS hands out nothing behind those ten while one of them stays.
  expect(numbersOf(queue.sent, 'b')).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 9]);
  expect(queue.left.length).toBe(6);
});

test('a letter stays before one whose job is done already', async () => {
  await storeResult(world, { job_id: 'b2', value: 1 });
  const queue = new TenHeads(letters(5));
  const { plan, apply } = await planRedrive(world, 'main.fifo', { sqs: queue.sqs });
  expect(plan.totals).toMatchObject({ goesBack: 5, alreadyDone: 1, orderAtRisk: 4 });
  const { tally, gone } = await apply();
  expect([tally.dropped, tally.kept, gone]).toEqual([1, 0, 0]);
  expect(numbersOf(queue.sent, 'b')).toEqual([]);
  expect(numbersOf(queue.sent, 'a')).toEqual(upTo(5));
});

test('nothing overtakes a letter that the destination refuses', async () => {
  const queue = new TenHeads(letters(12), body('a3'));
  const { apply } = await planRedrive(world, 'main.fifo', { sqs: queue.sqs });
  const { tally, gone } = await apply();
  expect([tally.sent, tally.refused, tally.kept, gone]).toEqual([3 + 12, { InternalError: 1 }, 6, 0]);
  expect(numbersOf(queue.sent, 'a')).toEqual(upTo(3));
  expect(numbersOf(queue.sent, 'b')).toEqual(upTo(12));
  expect([queue.left.length, queue.hidden]).toEqual([9, 0]);
});

import { defineJob } from '../../src/job.ts';
import { jobIdOf, keyOf, ledgerKey } from '../../src/queues/job-key.ts';
import { startWorld } from '../world.ts';

const typeOf = (namespace?: string) =>
  defineJob<{ order_id: string }>({
    schema: (() => true) as never,
    key: (job) => job.order_id,
    ...(namespace && { namespace }),
    handle: ({ order_id }) => `${namespace ?? 'plain'} ${order_id}`,
  });

test('the ledger knows a job behind the namespace of its type, and people without it', () => {
  const order = { order_id: 'o-1' };
  expect(keyOf(typeOf(), order)).toBe('o-1');
  expect(keyOf(typeOf('charge'), order)).toBe('charge:o-1');
  expect(ledgerKey(typeOf('charge'), 'o-1')).toBe('charge:o-1');
  expect(jobIdOf(typeOf('charge'), order)).toBe('o-1');
});

test('what is no key has no id, and does not throw', () => {
  const type = typeOf('charge');
  expect(jobIdOf(type, {})).toBeUndefined();
  expect(jobIdOf(defineJob({ ...type, key: () => JSON.parse('') }), {})).toBeUndefined();
});

test('the namespace counts against the 2,048 bytes of a key', () => {
  const order = { order_id: 'x'.repeat(2_041) };
  expect(keyOf(typeOf('charge'), order)).toHaveLength(2_048);
  expect(() => keyOf(typeOf('charge'), { order_id: `${order.order_id}x` })).toThrow(
    'the idempotency key, "order_id", is 2042 bytes long, and DynamoDB takes 1 to 2041',
  );
  expect(() => keyOf(typeOf('charge'), { order_id: '' })).toThrow('is 0 bytes long');
});

test('one order is a job of each type that has a namespace of its own, in one batch too', async () => {
  const world = await startWorld();
  try {
    const worker = world.worker({ reserve: typeOf('reserve'), charge: typeOf('charge') });
    const messages = ['reserve', 'charge', 'reserve'].map((type) => ({ type, order_id: 'o-1' }));
    await world.send(messages);
    const { failed, report } = await worker(await world.receive());
    expect(failed).toEqual([]);
    expect(report.verdicts).toMatchObject({ done: 2, duplicate: 1 });
    const items = await world.items();
    expect([...items.keys()].toSorted()).toEqual(['charge:o-1', 'reserve:o-1']);
    expect(items.get('charge:o-1')?.Result).toBe('charge o-1');
  } finally {
    await world.close();
  }
});

test('a dead letter names its job by the id that people know', async () => {
  const world = await startWorld();
  try {
    const refuses = defineJob({
      ...typeOf('charge'),
      handle: () => JSON.parse('{') as never,
      retry: { baseMs: 1, capMs: 1, attempts: 1 },
    });
    await world.send([{ type: 'charge', order_id: 'o-7' }]);
    await world.worker({ charge: refuses })(await world.receive());
    const [letter] = await world.deadLetters();
    expect(JSON.parse(letter?.MessageAttributes?.DeadLetterReason?.StringValue ?? '{}')).toMatchObject({
      jobId: 'o-7',
    });
  } finally {
    await world.close();
  }
});

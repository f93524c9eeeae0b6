import { prepareRoutes } from '../../../../operator/commands/dlq-redrive/preparation.ts';
import type { Stage } from '../../../../operator/stage/stage.ts';
import type { LedgerTable } from '../../../../src/ledger/dynamodb/table.ts';

const ledger = () => ({}) as LedgerTable;
const flags = { timeout: 1 };

function queue(name: string, dead: string) {
  const deadLetters = { url: `https://sqs/${dead}`, arn: `arn:${dead}` };
  return { name, url: `https://sqs/${name}`, arn: `arn:${name}`, fifo: false, deadLetters, maxReceiveCount: 5 };
}

/** Whoever runs it may not look at functions. */
function stage(...queues: ReturnType<typeof queue>[]): Stage {
  return {
    name: 'test',
    queues,
    lambda: { send: () => Promise.reject(new Error('AccessDenied')) },
  } as unknown as Stage;
}

test('letters of a shared dead-letter queue go nowhere until the operator says where they belong', async () => {
  const shared = stage(queue('a', 'dlq'), queue('b', 'dlq'), queue('c', 'c-dlq'));
  await expect(prepareRoutes(shared, flags, ledger)).rejects.toThrow(
    'a and b share a dead-letter queue: pass --queue or --to to say where its letters belong',
  );
  const [route] = await prepareRoutes(shared, { ...flags, queue: 'b' }, ledger);
  expect(route).toMatchObject({ queue: 'b', from: { url: 'https://sqs/dlq' }, to: { url: 'https://sqs/b' } });
});

test('each queue with its own gets its letters back, and without a look at its consumer no age is too old', async () => {
  const routes = await prepareRoutes(stage(queue('a', 'a-dlq'), queue('b', 'b-dlq')), flags, ledger);
  expect(routes.map(({ from, to }) => [from.url, to.url])).toEqual([
    ['https://sqs/a-dlq', 'https://sqs/a'],
    ['https://sqs/b-dlq', 'https://sqs/b'],
  ]);
  expect(routes[0]?.assessing.rules).toEqual({ includeInvalid: false, maxAgeMs: undefined, resultTtlMs: undefined });
});

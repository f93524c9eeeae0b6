import { DynamoDbStore } from '../../../src/ledger/dynamodb/store.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { startWorld } from '../../world.ts';

test('a table that throttles is met with retries until everything is written', async () => {
  const world = await startWorld({ tableLimits: { writeUnitsPerSecond: 200 } });
  const table = new DynamoDbStore(world.clients.dynamodb, 'results').open();
  try {
    const now = Date.now;
    const leaseUntil = now() + 60_000;
    const ledger = new Ledger({ store: table, leaseUntil, resultTtlDays: 30, now });
    const keys = Array.from({ length: 500 }, (_, i) => `k${i}`);
    const all = keys.map((key) => ledger.store({ key, type: 'test', fingerprint: 'f', owner: key }, 1));
    table.flush();
    expect(await Promise.all(all)).toEqual(keys.map(() => 'stored'));
    expect((await world.items()).size).toBe(500);
  } finally {
    table.close();
    await world.close();
  }
});

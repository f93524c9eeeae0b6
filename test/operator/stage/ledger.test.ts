import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { UsageError } from '../../../operator/ending/exit.ts';
import { ledgerOf } from '../../../operator/stage/ledger.ts';
import { RedisStore } from '../../../src/ledger/redis/store.ts';
import { redisBinary, startRedis } from '../../ledger/redis/server.ts';

const where = { stage: 'test', dynamodb: new DynamoDBClient({ region: 'us-east-1' }), tableName: 'results' };

test.each([
  ['redis', /set REDIS_URL/],
  ['postgres', /set DATABASE_URL/],
  ['stone tablets', /"stone tablets", which this version does not know/],
])('a stage on %s whose server is not said ends the command', async (store, message) => {
  const asked = ledgerOf({ ...where, store }, {});
  await expect(asked).rejects.toBeInstanceOf(UsageError);
  await expect(asked).rejects.toThrow(message);
});

const withRedis = redisBinary() === undefined ? test.skip : test;
withRedis('the tool reads what the functions of a stage on Redis wrote, and of no other stage', async () => {
  const server = await startRedis(redisBinary() as string);
  try {
    const store = new RedisStore(server.url, 'sluice:test:');
    const session = store.open();
    const content = { at: new Date().toISOString(), ttl: 4_000_000_000, status: 'done', result: 1 } as const;
    await session.insert({ key: 'k', type: 't', fingerprint: 'f', owner: 'o' }, content);
    session.close();
    store.close();
    const records = (stage: string) => ledgerOf({ ...where, stage, store: 'redis' }, { REDIS_URL: server.url });
    expect(await (await records('test')).describe('k')).toMatchObject({ status: 'done', result: 1 });
    expect(await (await records('other')).describe('k')).toBeUndefined();
  } finally {
    await server.stop();
  }
});

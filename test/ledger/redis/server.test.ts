import { setTimeout as delay } from 'node:timers/promises';
import { PermanentError } from '../../../src/failures/errors.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { RedisArchive } from '../../../src/ledger/redis/archive.ts';
import { RedisStore } from '../../../src/ledger/redis/store.ts';
import { LedgerUnavailable } from '../../../src/ledger/unavailable.ts';
import { connectionContract, entry, FickleWorld } from '../connection-contract.ts';
import { ledgerContract } from '../contract.ts';
import { type RedisServer, redisBinary, startRedis } from './server.ts';

const PREFIX = 'sluice:test:';
const binary = redisBinary();
// apt-get install redis-server brings one; .ci/run does.
const where = binary === undefined ? describe.skip : describe;

where(
  `a Redis server${binary === undefined ? ': skipped, since neither valkey-server nor redis-server is installed here' : ''}`,
  () => {
    let server: RedisServer;

    beforeAll(async () => {
      server = await startRedis(binary as string);
    });

    afterAll(() => server.stop());

    beforeEach(async () => {
      await server.command('FLUSHALL');
    });

    ledgerContract('a Redis server', async () => {
      const store = new RedisStore(server.url, PREFIX);
      return { store, archive: new RedisArchive(server.url, PREFIX), close: async () => store.close() };
    });

    describe('through a network that fails', () => {
      let world: FickleWorld;
      let ledger: Ledger;

      beforeEach(async () => {
        const storeAt = (port: number) => new RedisStore(`redis://127.0.0.1:${port}`, PREFIX);
        world = await FickleWorld.before(server.port, storeAt);
        ({ ledger } = world);
      });

      afterEach(() => world.close());

      connectionContract(
        () => world,
        () => server.command('DBSIZE'),
      );

      test('a session that is closed while its connection opens leaves none behind', async () => {
        const storing = expect(ledger.store(entry('k'), 1)).rejects.toBeInstanceOf(LedgerUnavailable);
        await new Promise(setImmediate);
        world.session.close();
        await storing;
        await delay(100);
        expect(world.proxy.open).toBe(0);
      });

      test('a server that has forgotten the scripts is told them again', async () => {
        await ledger.store(entry('a'), 1);
        await server.command('SCRIPT', 'FLUSH');
        expect(await ledger.store(entry('b'), 1)).toBe('stored');
        expect(world.session.errors.save).toBe(0);
      });

      test('a server whose memory is full is asked again until there is some', async () => {
        await server.command('CONFIG', 'SET', 'maxmemory', '1');
        const storing = ledger.store(entry('k'), 1);
        await delay(200);
        await server.command('CONFIG', 'SET', 'maxmemory', '0');
        expect(await storing).toBe('stored');
      });

      test('a password that is missing is told, and the rest asks no more', async () => {
        await server.command('CONFIG', 'SET', 'requirepass', 'secret');
        try {
          await expect(ledger.store(entry('a'), 1)).rejects.toThrow(/NOAUTH|unauthenticated/);
          await expect(Promise.all([ledger.recall('b'), ledger.store(entry('b'), 1)])).rejects.toThrow(
            LedgerUnavailable,
          );
          const wrong = new RedisStore(server.url.replace('//', '//:wrong@'), PREFIX);
          const refused = world.open(wrong);
          await expect(refused.ledger.store(entry('a'), 1)).rejects.toThrow(/WRONGPASS/);
          refused.session.close();
        } finally {
          await server.command('CONFIG', 'SET', 'requirepass', '');
        }
      });

      test('a key of somebody else fails its own job alone', async () => {
        await server.command('SET', `${PREFIX}k7`, 'a text');
        const keys = Array.from({ length: 20 }, (_, i) => `k${i}`);
        const answers = await Promise.allSettled(keys.map((key) => ledger.store(entry(key), 1)));
        const failed = answers.flatMap((each, i) => (each.status === 'rejected' ? [[i, each.reason]] : []));
        expect(failed).toEqual([[7, expect.any(LedgerUnavailable)]]);
        expect(await server.command('GET', `${PREFIX}k7`)).toBe('a text');
      });

      test('a key that is too long is refused', async () => {
        await expect(ledger.store(entry('é'.repeat(1_025)), 1)).rejects.toBeInstanceOf(PermanentError);
      });
    });

    test('a record expires by itself when its ttl says so', async () => {
      const store = new RedisStore(server.url, PREFIX);
      const session = store.open();
      const ttl = Math.floor(Date.now() / 1000) + 86_400;
      const content = { at: new Date().toISOString(), ttl, status: 'done', result: 1 } as const;
      await session.insert({ key: 'k', type: 't', fingerprint: 'f', owner: 'o' }, content);
      session.close();
      store.close();
      expect(await server.command('EXPIRETIME', `${PREFIX}k`)).toBe(ttl);
    });
  },
);

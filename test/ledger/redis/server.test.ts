import { setTimeout as delay } from 'node:timers/promises';
import { PermanentError } from '../../../src/failures/errors.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { RedisArchive } from '../../../src/ledger/redis/archive.ts';
import { RedisStore } from '../../../src/ledger/redis/store.ts';
import type { StoreSession } from '../../../src/ledger/store.ts';
import { LedgerUnavailable } from '../../../src/ledger/unavailable.ts';
import { ledgerContract } from '../contract.ts';
import { FickleProxy } from '../fickle-proxy.ts';
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
      let proxy: FickleProxy;
      let store: RedisStore;
      let session: StoreSession;
      let ledger: Ledger;

      beforeEach(async () => {
        proxy = await FickleProxy.before(server.port);
        store = new RedisStore(`redis://127.0.0.1:${proxy.port}`, PREFIX);
        ({ session, ledger } = open());
      });

      afterEach(async () => {
        session.close();
        store.close();
        await proxy.close();
      });

      const open = (from = store) => {
        const session = from.open();
        const options = { store: session, leaseUntil: Date.now() + 60_000, resultTtlDays: 30, now: Date.now };
        return { session, ledger: new Ledger(options) };
      };

      const entry = (key: string) => ({ key, type: 'test', fingerprint: 'f', owner: `of-${key}` });

      test('connections that are cut again and again cost tries, and no result', async () => {
        const cutting = setInterval(() => proxy.cut(), 15);
        const answers: string[] = [];
        try {
          for (let i = 0; i < 100; i++) {
            const keys = Array.from({ length: 20 }, (_, n) => `${i}-${n}`);
            answers.push(...(await Promise.all(keys.map((key) => ledger.store(entry(key), key)))));
          }
        } finally {
          clearInterval(cutting);
        }
        expect(answers).toEqual(answers.map(() => 'stored'));
        expect(await server.command('DBSIZE')).toBe(2_000);
        expect(session.errors.save).toBeGreaterThan(0);
      });

      test('a server that is down is asked again at a pace, and used when it is up', async () => {
        proxy.down();
        const storing = ledger.store(entry('k'), 1);
        await delay(500);
        expect(session.errors.save).toBeLessThan(20);
        proxy.up();
        expect(await storing).toBe('stored');
      });

      test('a server that says nothing any more is given up after seconds, and another connection asked', async () => {
        await ledger.store(entry('before'), 1);
        proxy.mute();
        const storing = ledger.store(entry('k'), 1);
        setTimeout(() => proxy.up(), 1_000);
        expect(await storing).toBe('stored');
        expect(proxy.accepted).toBe(2);
      });

      test('after close nothing is under way, whatever the server does', async () => {
        await ledger.store(entry('before'), 1);
        proxy.mute();
        const storing = expect(ledger.store(entry('k'), 1)).rejects.toBeInstanceOf(LedgerUnavailable);
        await delay(50);
        session.close();
        await storing;
        await delay(50);
        expect(proxy.open).toBe(0);
      });

      test('a session that is closed while its connection opens leaves none behind', async () => {
        const storing = expect(ledger.store(entry('k'), 1)).rejects.toBeInstanceOf(LedgerUnavailable);
        await new Promise(setImmediate);
        session.close();
        await storing;
        await delay(100);
        expect(proxy.open).toBe(0);
      });

      test('sessions that follow each other share a connection; those at once do not', async () => {
        await ledger.store(entry('a'), 1);
        session.close();
        const [next, other] = [open(), open()];
        await Promise.all([next.ledger.store(entry('b'), 1), other.ledger.store(entry('c'), 1)]);
        next.session.close();
        other.session.close();
        expect(proxy.accepted).toBe(2);
      });

      test('a server that has forgotten the scripts is told them again', async () => {
        await ledger.store(entry('a'), 1);
        await server.command('SCRIPT', 'FLUSH');
        expect(await ledger.store(entry('b'), 1)).toBe('stored');
        expect(session.errors.save).toBe(0);
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
          const refused = open(wrong);
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

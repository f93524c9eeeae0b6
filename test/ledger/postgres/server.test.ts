import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PermanentError } from '../../../src/failures/errors.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { PostgresArchive } from '../../../src/ledger/postgres/archive.ts';
import { PostgresStore } from '../../../src/ledger/postgres/store.ts';
import type { StoreSession } from '../../../src/ledger/store.ts';
import { LedgerUnavailable } from '../../../src/ledger/unavailable.ts';
import { ledgerContract } from '../contract.ts';
import { FickleProxy } from '../fickle-proxy.ts';
import { type PostgresServer, postgresBinaries, sql, startPostgres } from './server.ts';

const binaries = postgresBinaries();
// apt-get install postgresql brings one; .ci/run does.
const where = binaries === undefined ? describe.skip : describe;

where(`a PostgreSQL server${binaries === undefined ? ': skipped, since no initdb is installed here' : ''}`, () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres(binaries as string);
    await sql(server.url, readFileSync('src/ledger/postgres/schema.sql', 'utf8'));
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    await sql(server.url, 'TRUNCATE processed_messages');
  });

  ledgerContract('a PostgreSQL server', async () => {
    const store = new PostgresStore(server.url);
    return { store, archive: new PostgresArchive(server.url), close: async () => store.close() };
  });

  describe('through a network that fails', () => {
    let proxy: FickleProxy;
    let store: PostgresStore;
    let session: StoreSession;
    let ledger: Ledger;

    beforeEach(async () => {
      proxy = await FickleProxy.before(server.port);
      store = new PostgresStore(server.url.replace(String(server.port), String(proxy.port)));
      ({ session, ledger } = open());
    });

    afterEach(async () => {
      session.close();
      store.close();
      await proxy.close();
    });

    const open = () => {
      const session = store.open();
      const options = { store: session, leaseUntil: Date.now() + 60_000, resultTtlDays: 30, now: Date.now };
      return { session, ledger: new Ledger(options) };
    };

    const entry = (key: string) => ({ key, type: 'test', fingerprint: 'f', owner: `of-${key}` });
    const stored = async () => {
      const [row] = await sql(server.url, 'SELECT count(*)::int AS rows FROM processed_messages');
      return row?.rows;
    };

    test('connections that are cut again and again cost tries, and no result', async () => {
      const cutting = setInterval(() => proxy.cut(), 15);
      const answers: string[] = [];
      try {
        for (let i = 0; i < 30; i++) {
          const keys = Array.from({ length: 20 }, (_, n) => `${i}-${n}`);
          answers.push(...(await Promise.all(keys.map((key) => ledger.store(entry(key), key)))));
        }
      } finally {
        clearInterval(cutting);
      }
      expect(answers).toEqual(answers.map(() => 'stored'));
      expect(await stored()).toBe(600);
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

    test('sessions that follow each other share a connection; those at once do not', async () => {
      await ledger.store(entry('a'), 1);
      session.close();
      const [next, other] = [open(), open()];
      await Promise.all([next.ledger.store(entry('b'), 1), other.ledger.store(entry('c'), 1)]);
      next.session.close();
      other.session.close();
      expect(proxy.accepted).toBe(2);
    });

    test('a row that the server refuses fails its own job alone', async () => {
      const note = (key: string, receives: number) =>
        ledger.note(entry(key), 'failed', { messageId: 'm', receives, runs: 1, error: 'e', retryAt: '' });
      const keys = Array.from({ length: 40 }, (_, i) => `k${i}`);
      const notes = await Promise.allSettled(keys.map((key, i) => note(key, i === 17 ? 2 ** 40 : 1)));
      const failed = notes.flatMap((each, i) => (each.status === 'rejected' ? [[i, each.reason]] : []));
      expect(failed).toEqual([[17, expect.any(PermanentError)]]);
      expect(await stored()).toBe(39);
    });

    test('a missing table is told, and asked for once', async () => {
      await sql(server.url, 'ALTER TABLE processed_messages RENAME TO elsewhere');
      try {
        await expect(ledger.store(entry('a'), 1)).rejects.toThrow(/42P01.*does not exist/);
        await expect(ledger.store(entry('b'), 1)).rejects.toBeInstanceOf(LedgerUnavailable);
        expect(session.errors.save).toBe(1);
      } finally {
        await sql(server.url, 'ALTER TABLE elsewhere RENAME TO processed_messages');
      }
    });

    test('two batches with the same jobs in opposite order do not wait for each other', async () => {
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
      const past = open();
      const leases = new Ledger({ store: past.session, leaseUntil: 0, resultTtlDays: 30, now: Date.now });
      const run = { messageId: 'm', runs: 0, aloneRuns: 0 };
      await Promise.all(keys.map((key) => leases.claim(entry(key), run)));
      past.session.close();
      const rivals = ['x', 'y'].map((name, i) => {
        const order = i === 0 ? keys : keys.toReversed();
        const rival = open();
        const claims = order.map((key) => rival.ledger.claim({ ...entry(key), owner: `${name}-${key}` }, run));
        return Promise.allSettled(claims).finally(() => rival.session.close());
      });
      const began = performance.now();
      const claimed = (await Promise.all(rivals)).flat().filter(({ status }) => status === 'fulfilled');
      expect(claimed).toHaveLength(200);
      // A deadlock is found after a second.
      expect(performance.now() - began).toBeLessThan(1_000);
    });
  });

  test('the statement that deletes expired rows, as schema.sql has it, deletes those alone', async () => {
    const comment = readFileSync('src/ledger/postgres/schema.sql', 'utf8').match(/DELETE FROM[^;]*;/)?.[0] ?? '';
    const statement = comment.replaceAll(/^--/gm, '');
    const store = new PostgresStore(server.url);
    const session = store.open();
    for (const [key, ttl] of [
      ['expired', 1],
      ['kept', 4_000_000_000],
    ] as const) {
      const content = { at: new Date().toISOString(), ttl, status: 'done', result: 1 } as const;
      await session.insert({ key, type: 't', fingerprint: 'f', owner: key }, content);
    }
    session.close();
    store.close();
    await sql(server.url, statement);
    const rows = await sql(server.url, "SELECT convert_from(message_id, 'UTF8') AS key FROM processed_messages");
    expect(rows).toEqual([{ key: 'kept' }]);
  });
});

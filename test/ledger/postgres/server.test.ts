import { readFileSync } from 'node:fs';
import { PermanentError } from '../../../src/failures/errors.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { PostgresArchive } from '../../../src/ledger/postgres/archive.ts';
import { PostgresStore } from '../../../src/ledger/postgres/store.ts';
import { LedgerUnavailable } from '../../../src/ledger/unavailable.ts';
import { connectionContract, entry, FickleWorld } from '../connection-contract.ts';
import { ledgerContract } from '../contract.ts';
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

  test('a table from before hand-overs gets what it lacks when the schema is run again, and keeps its rows', async () => {
    const schema = readFileSync('src/ledger/postgres/schema.sql', 'utf8');
    await sql(server.url, 'ALTER TABLE processed_messages DROP COLUMN hand_over, DROP COLUMN handed_over_at');
    await sql(
      server.url,
      `INSERT INTO processed_messages (message_id, status, type, fingerprint, owner, fencing_token, version, lease_until,
         sqs_message_id, runs, receives, alone_runs, ttl, result)
       VALUES ('old', 'done', 't', 'f', 'o', 1, 1, 0, '', 0, 0, 0, 4000000000, '42')`,
    );
    await sql(server.url, schema);
    expect(await new PostgresArchive(server.url).describe('old')).toMatchObject({ status: 'done', result: 42 });
    const store = new PostgresStore(server.url);
    const session = store.open();
    const ledger = new Ledger({ store: session, leaseUntil: 0, resultTtlDays: 30, now: Date.now });
    const entry = { key: 'new', type: 't', fingerprint: 'f', owner: 'o' };
    expect(await ledger.store(entry, 1, undefined, '{}')).toBe('stored');
    expect(await ledger.recall('new')).toMatchObject({ handOver: '{}' });
    session.close();
    store.close();
  });

  describe('through a network that fails', () => {
    let world: FickleWorld;
    let ledger: Ledger;

    beforeEach(async () => {
      const storeAt = (port: number) => new PostgresStore(server.url.replace(String(server.port), String(port)));
      world = await FickleWorld.before(server.port, storeAt);
      ({ ledger } = world);
    });

    afterEach(() => world.close());

    const stored = async () => {
      const [row] = await sql(server.url, 'SELECT count(*)::int AS rows FROM processed_messages');
      return row?.rows;
    };

    const deadlocks = async () => {
      const [row] = await sql(server.url, 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
      return row?.deadlocks;
    };

    connectionContract(() => world, stored);

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
        expect(world.session.errors.save).toBe(1);
      } finally {
        await sql(server.url, 'ALTER TABLE elsewhere RENAME TO processed_messages');
      }
    });

    test('two batches with the same jobs in opposite order do not wait for each other', async () => {
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
      const past = world.open();
      const leases = new Ledger({ store: past.session, leaseUntil: 0, resultTtlDays: 30, now: Date.now });
      const run = { messageId: 'm', runs: 0, aloneRuns: 0 };
      await Promise.all(keys.map((key) => leases.claim(entry(key), run)));
      past.session.close();
      const rivals = ['x', 'y'].map((name, i) => {
        const order = i === 0 ? keys : keys.toReversed();
        const rival = world.open();
        const claims = order.map((key) => rival.ledger.claim({ ...entry(key), owner: `${name}-${key}` }, run));
        return Promise.allSettled(claims).finally(() => rival.session.close());
      });
      const before = await deadlocks();
      const claimed = (await Promise.all(rivals)).flat().filter(({ status }) => status === 'fulfilled');
      expect(claimed).toHaveLength(200);
      expect(await deadlocks()).toBe(before);
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

import { readFileSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { PostgresArchive } from '../../../src/ledger/postgres/archive.ts';
import { PostgresStore } from '../../../src/ledger/postgres/store.ts';
import { ledgerContract } from '../contract.ts';
import { PgliteConnection } from './pglite-connection.ts';

let database: PGlite;

beforeAll(async () => {
  database = await PGlite.create();
  await database.exec(readFileSync('src/ledger/postgres/schema.sql', 'utf8'));
});

afterAll(() => database.close());

ledgerContract('PostgreSQL in this process', async () => {
  await database.exec('TRUNCATE processed_messages');
  const connect = () => new PgliteConnection(database);
  return { store: new PostgresStore('', connect), archive: new PostgresArchive('', connect), close: async () => {} };
});

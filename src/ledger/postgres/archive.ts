import type { JobRecord, LedgerArchive } from '../store.ts';
import { PostgresConnection, type SqlConnection } from './connection.ts';
import { jobRecordOf, keyText, SELECT_WHOLE } from './statements.ts';

/** Single records of the table, whole. Each question has a connection of its own, since operators ask few. */
export class PostgresArchive implements LedgerArchive {
  readonly #connect: () => SqlConnection;

  /** @param connect as for `PostgresStore` */
  constructor(url: string, connect: () => SqlConnection = () => new PostgresConnection(url)) {
    this.#connect = connect;
  }

  async describe(key: string): Promise<JobRecord | undefined> {
    const connection = this.#connect();
    try {
      const [row] = await connection.query(SELECT_WHOLE, JSON.stringify([keyText(key)]));
      return row && jobRecordOf(row);
    } finally {
      connection.destroy();
    }
  }
}

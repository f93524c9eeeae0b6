import type { PGlite } from '@electric-sql/pglite';
import type { Row, SqlConnection } from '../../../src/ledger/postgres/connection.ts';

/** PostgreSQL in this process, behind the store's own interface of a connection: all that is missing is the wire. */
export class PgliteConnection implements SqlConnection {
  readonly #database: PGlite;
  #isDestroyed = false;

  constructor(database: PGlite) {
    this.#database = database;
  }

  get isUsable(): boolean {
    return !this.#isDestroyed;
  }

  async query(text: string, input: string): Promise<readonly Row[]> {
    const { rows } = await this.#database.query<Row>(text, [input]);
    if (this.#isDestroyed) throw new Error('the connection was destroyed');
    return rows;
  }

  rest(): void {}

  destroy(): void {
    this.#isDestroyed = true;
  }
}

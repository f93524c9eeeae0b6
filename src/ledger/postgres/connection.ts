import { Socket } from 'node:net';
import pg from 'pg';
import type { Connection } from '../connections/connections.ts';

/** Milliseconds for opening a connection: TCP, TLS and the log-in. */
const CONNECT_MS = 3_000;

/** A row as PostgreSQL sends it: bigints are texts. */
export type Row = Readonly<Record<string, string | number | null>>;

/** What the store asks of a connection. */
export interface SqlConnection extends Connection {
  /**
   * Runs one statement, which is its own transaction.
   *
   * @param input the value of `$1`
   */
  query(text: string, input: string): Promise<readonly Row[]>;
}

/**
 * One connection by `pg`. It leaves no state in its session (no named statements, no SET, no transactions of several statements),
 * so that RDS Proxy and PgBouncer may give the server's connection to others between any two statements.
 */
export class PostgresConnection implements SqlConnection {
  readonly #socket = new Socket();
  readonly #client: pg.Client;
  #opened: Promise<unknown> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isLost = false;

  /** @param url as `DATABASE_URL`: postgres://user:password@host:port/database?sslmode=verify-full */
  constructor(url: string) {
    this.#client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      // Ours, so that it can be ended at any moment.
      stream: () => this.#socket,
    });
    const lost = () => {
      this.#isLost = true;
    };
    this.#client.on('error', lost);
    this.#client.on('end', lost);
  }

  get isUsable(): boolean {
    return !this.#isLost;
  }

  /** One statement at a time: `pg` takes the next when the last is done. */
  query(text: string, input: string): Promise<readonly Row[]> {
    this.#opened ??= this.#client.connect();
    const opened = this.#opened;
    const rows = this.#last.then(async () => {
      await opened;
      return (await this.#client.query<Row>({ text, values: [input] })).rows;
    });
    this.#last = rows.catch(() => {});
    return rows;
  }

  rest(resting: boolean): void {
    // By its types `pg` lacks them.
    const client = this.#client as unknown as { ref(): void; unref(): void };
    if (resting) client.unref();
    else client.ref();
  }

  destroy(): void {
    this.#isLost = true;
    this.#socket.destroy();
  }
}

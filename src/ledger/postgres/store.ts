import { Connections } from '../connections/connections.ts';
import { ServerSession } from '../connections/server-session.ts';
import type { Entry, HandOver, StoredRecord } from '../record.ts';
import type { Content, DoneContent, FailedContent, LedgerStore, StoreSession } from '../store.ts';
import { PostgresConnection, type SqlConnection } from './connection.ts';
import { troubleOf } from './failures.ts';
import {
  type Change,
  CONFIRM,
  type Confirmation,
  changeOf,
  confirmationOf,
  INSERT,
  keyText,
  recordOf,
  SELECT,
  type Seen,
  UPDATE,
} from './statements.ts';

/** Rows of one statement, and its bytes at most, but for a single row that is larger. */
const ROWS = 250;
const BYTES = 4 * 1024 * 1024;
/** What a row takes besides its result and what it hands over, about. */
const ROW_BYTES = 1_024;

/** Records in the table `processed_messages` of a PostgreSQL database, which `schema.sql` creates. */
export class PostgresStore implements LedgerStore {
  readonly #connections: Connections<SqlConnection>;

  /**
   * Opens no connection before the first request.
   *
   * @param connect how, where it is not by the URL: for tests
   */
  constructor(url: string, connect: () => SqlConnection = () => new PostgresConnection(url)) {
    this.#connections = new Connections(connect);
  }

  open(): StoreSession {
    return new PostgresSession(this.#connections);
  }

  /** Ends the connection that waits for the next session. */
  close(): void {
    this.#connections.close();
  }
}

class PostgresSession extends ServerSession<SqlConnection> implements StoreSession {
  readonly #insert: (change: Change) => Promise<boolean>;
  readonly #update: (change: Change) => Promise<boolean>;
  readonly #confirm: (sent: Confirmation) => Promise<boolean>;
  readonly #select: (key: string) => Promise<StoredRecord | undefined>;

  constructor(connections: Connections<SqlConnection>) {
    super({ connections, troubleOf });
    const writes = <Row extends Change | Confirmation>(statement: string, tries: 'once' | 'untilClosed') =>
      this.requests.lane({
        kind: 'save',
        tries,
        maxItems: ROWS,
        maxBytes: BYTES,
        sizeOf: (row: Row) => ROW_BYTES + bytesIn(row),
        keyOf: (change: Row) => change.message_id,
        async send(connection, changes: readonly Row[]) {
          const ordered = [...changes].sort((a, b) => (a.message_id < b.message_id ? -1 : 1));
          const written = await connection.query(statement, JSON.stringify(ordered));
          const keys = new Set(written.map(({ key }) => key));
          return changes.map((change) => keys.has(change.message_id));
        },
      });
    this.#insert = writes(INSERT, 'untilClosed');
    this.#update = writes(UPDATE, 'untilClosed');
    this.#confirm = writes(CONFIRM, 'once');
    this.#select = this.requests.lane({
      kind: 'check',
      maxItems: ROWS,
      async send(connection, keys: readonly string[]) {
        const rows = await connection.query(SELECT, JSON.stringify(keys));
        const records = new Map(rows.map((row) => [row.key, recordOf(row)]));
        return keys.map((key) => records.get(key));
      },
    });
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    return await this.#select(keyText(key));
  }

  async insert(entry: Entry, content: Content): Promise<boolean> {
    return await this.#insert(changeOf(entry, content));
  }

  async replace(entry: Entry, content: Content, stored: StoredRecord): Promise<boolean> {
    const { owner, version } = stored.version as Seen;
    return await this.#update({ ...changeOf(entry, content), tokens: 1, seen_owner: owner, seen_version: version });
  }

  async finish(entry: Entry, content: DoneContent): Promise<boolean> {
    return await this.#update({ ...changeOf(entry, content), seen_owner: entry.owner });
  }

  async fail(entry: Entry, content: FailedContent, lease: 'ends' | 'lasts'): Promise<void> {
    const { lease_until, ...change } = changeOf(entry, content);
    const until = lease === 'ends' ? { lease_until: 0 } : {};
    await this.#update({ ...change, ...until, seen_owner: entry.owner, seen_status: 'running' });
  }
  async confirm(handOver: HandOver, at: string): Promise<void> {
    await this.#confirm(confirmationOf(handOver, at));
  }
}

function bytesIn(row: Change | Confirmation): number {
  return 'type' in row ? (row.result?.length ?? 0) + (row.hand_over?.length ?? 0) : 0;
}

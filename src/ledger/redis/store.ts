import { Connections } from '../connections/connections.ts';
import { ServerSession } from '../connections/server-session.ts';
import { checkKey } from '../key.ts';
import type { Entry, HandOver, StoredRecord } from '../record.ts';
import type { Content, DoneContent, FailedContent, LedgerStore, StoreSession } from '../store.ts';
import { type Command, IoredisConnection, type RedisConnection } from './connection.ts';
import { troubleOf } from './failures.ts';
import { DECIDING, fieldsOf, recordOf, type Seen } from './fields.ts';
import { CONFIRM, INSERT, LOAD, type Script, UPDATE } from './scripts.ts';

/** Commands of one pipeline, and its bytes at most, but for a single command that is larger. */
const COMMANDS = 500;
const BYTES = 4 * 1024 * 1024;

/** Records in Redis or Valkey: a hash each, which expires by itself when its record does. */
export class RedisStore implements LedgerStore {
  readonly #connections: Connections<RedisConnection>;
  readonly #prefix: string;

  /**
   * Opens no connection before the first request.
   *
   * @param prefix what all keys begin with, such as `sluice:prod:`
   */
  constructor(url: string, prefix: string) {
    this.#connections = new Connections(() => new IoredisConnection(url));
    this.#prefix = prefix;
  }

  open(): StoreSession {
    return new RedisSession(this.#connections, this.#prefix);
  }

  /** Ends the connection that waits for the next session. */
  close(): void {
    this.#connections.close();
  }
}

class RedisSession extends ServerSession<RedisConnection> implements StoreSession {
  readonly #prefix: string;
  readonly #write: (command: Command) => Promise<boolean>;
  readonly #try: (command: Command) => Promise<boolean>;
  readonly #read: (key: string) => Promise<StoredRecord | undefined>;
  /** Connections whose server knows the scripts. */
  readonly #loaded = new WeakSet<RedisConnection>();

  constructor(connections: Connections<RedisConnection>, prefix: string) {
    super({ connections, troubleOf });
    this.#prefix = prefix;
    const writes = (tries: 'once' | 'untilClosed') =>
      this.requests.lane({
        kind: 'save',
        tries,
        maxItems: COMMANDS,
        maxBytes: BYTES,
        sizeOf: (command: Command) => command.reduce<number>((bytes, value) => bytes + String(value).length, 0),
        send: (connection, commands: readonly Command[]) => this.#run(connection, commands),
      });
    this.#write = writes('untilClosed');
    this.#try = writes('once');
    this.#read = this.requests.lane({
      kind: 'check',
      maxItems: COMMANDS,
      async send(connection, keys: readonly string[]) {
        const answers = await connection.send(keys.map((key) => ['hmget', key, ...DECIDING]));
        return answers.map((answer) => (answer instanceof Error ? answer : recordOf(named(answer as string[]))));
      },
    });
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    return await this.#read(this.#place(key));
  }

  async insert(entry: Entry, content: Content): Promise<boolean> {
    return await this.#write(this.#command(INSERT, entry, content.ttl, fieldsOf(entry, content)));
  }

  async replace(entry: Entry, content: Content, stored: StoredRecord): Promise<boolean> {
    const { owner, version } = stored.version as Seen;
    const values = [1, owner, version, '', ...fieldsOf(entry, content)];
    return await this.#write(this.#command(UPDATE, entry, content.ttl, values));
  }

  async finish(entry: Entry, content: DoneContent): Promise<boolean> {
    const values = [0, entry.owner, '', '', ...fieldsOf(entry, content)];
    return await this.#write(this.#command(UPDATE, entry, content.ttl, values));
  }

  async fail(entry: Entry, content: FailedContent, lease: 'ends' | 'lasts'): Promise<void> {
    const fields = fieldsOf(entry, content, lease === 'ends' ? 'set' : 'lasts');
    await this.#write(this.#command(UPDATE, entry, content.ttl, [0, entry.owner, '', 'running', ...fields]));
  }

  async confirm({ key, owner }: HandOver, at: string): Promise<void> {
    await this.#try(['evalsha', CONFIRM.sha, 1, this.#place(key), owner, at]);
  }

  #place(key: string): string {
    checkKey(key);
    return this.#prefix + key;
  }

  #command({ sha }: Script, { key }: Entry, ttl: number, values: readonly (string | number)[]): Command {
    return ['evalsha', sha, 1, this.#place(key), ttl, ...values];
  }

  async #run(connection: RedisConnection, commands: readonly Command[]): Promise<(boolean | Error)[]> {
    const before = this.#loaded.has(connection) ? [] : LOAD;
    const all = await connection.send([...before, ...commands]);
    // Who may not even do this may do nothing: a password, a permission.
    const refused = all.slice(0, before.length).find((answer) => answer instanceof Error);
    if (refused) throw refused;
    this.#loaded.add(connection);
    const answers = all.slice(before.length);
    // Somebody made the server forget them: they travel with the next try.
    if (answers.some((answer) => answer instanceof Error && answer.message.startsWith('NOSCRIPT'))) {
      this.#loaded.delete(connection);
    }
    return answers.map((answer) => (answer instanceof Error ? answer : answer === 1));
  }
}

const named = (values: readonly (string | null)[]) => Object.fromEntries(DECIDING.map((name, i) => [name, values[i]]));

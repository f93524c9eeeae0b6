import type { BatchStatementRequest, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Entry, HandOver, StoredRecord } from '../record.ts';
import { bytesBeside } from '../result-rules.ts';
import type { Content, DoneContent, FailedContent, LedgerStore, StoreSession } from '../store.ts';
import { marshalResult, wireBytes } from './marshal.ts';
import { type DoneItem, type ItemContent, Statements } from './statements.ts';
import { LedgerTable, type Write } from './table.ts';
import type { TableKey } from './table-form.ts';

/** Records in a DynamoDB table. Its partition key is a string, `JobID` or another `TableKey`; its time to live is in `ttl`. */
export class DynamoDbStore implements LedgerStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #key: TableKey;
  readonly #statements: Statements;

  constructor(client: DynamoDBClient, tableName: string, key: TableKey = 'JobID') {
    this.#client = client;
    this.#tableName = tableName;
    this.#key = key;
    this.#statements = new Statements(tableName, key);
  }

  open(): StoreSession {
    return new DynamoDbSession(new LedgerTable(this.#client, this.#tableName, this.#key), this.#statements);
  }
}

class DynamoDbSession implements StoreSession {
  readonly #table: LedgerTable;
  readonly #statements: Statements;

  constructor(table: LedgerTable, statements: Statements) {
    this.#table = table;
    this.#statements = statements;
  }

  get errors(): StoreSession['errors'] {
    return this.#table.errors;
  }

  read(key: string): Promise<StoredRecord | undefined> {
    return this.#table.read(key);
  }

  insert(entry: Entry, content: Content): Promise<boolean> {
    const item = itemOf(content);
    return this.#put(entry, item, this.#statements.insert(entry, item));
  }

  replace(entry: Entry, content: Content, stored: StoredRecord): Promise<boolean> {
    const item = itemOf(content);
    return this.#put(entry, item, this.#statements.replace(entry, item, stored));
  }

  finish(entry: Entry, content: DoneContent): Promise<boolean> {
    const item = doneItemOf(content);
    return this.#table.complete(write(entry, item, this.#statements.complete(entry, item)));
  }

  async fail(entry: Entry, content: FailedContent, lease: 'ends' | 'lasts'): Promise<void> {
    const statements = this.#statements;
    const request = lease === 'ends' ? statements.release(entry, content) : statements.keep(entry, content);
    await this.#table.store(write(entry, content, request));
  }

  async confirm(handOver: HandOver, at: string): Promise<void> {
    await this.#table.try({ key: handOver.key, request: this.#statements.confirm(handOver, at) });
  }

  pause(): Promise<void> {
    return this.#table.pause();
  }

  flush(): void {
    this.#table.flush();
  }

  close(): void {
    this.#table.close();
  }

  /** A job waits for its claim, so a claim is sent at once. Only the end of the batch waits for other writes. */
  #put(entry: Entry, item: ItemContent, request: BatchStatementRequest): Promise<boolean> {
    const put = write(entry, item, request);
    return item.status === 'running' ? this.#table.claim(put) : this.#table.store(put);
  }
}

/** The most bytes in a request of one character of a hand-over, in UTF-8: quotation marks are escaped, and take two. */
const WIRE_BYTES_PER_CHARACTER = 3;

function write({ key }: Entry, item: ItemContent, request: BatchStatementRequest): Write {
  if (item.status !== 'done') return { key, request };
  const { result, handOver = '' } = item;
  return { key, request, bytes: (result ? wireBytes(result) : 0) + handOver.length * WIRE_BYTES_PER_CHARACTER };
}

function itemOf(content: Content): ItemContent {
  return content.status === 'done' ? doneItemOf(content) : content;
}

function doneItemOf({ status, at, ttl, result, handOver }: DoneContent): DoneItem {
  const most = bytesBeside(handOver);
  return { status, at, ttl, result: result === undefined ? undefined : marshalResult(result, most), handOver };
}

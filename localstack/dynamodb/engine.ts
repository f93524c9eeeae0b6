import { createRequire } from 'node:module';
import { DynamoError } from './errors.ts';

/** A value in DynamoDB's JSON: `{ S: 'text' }`, `{ N: '42' }` and so on. */
export type AttributeValue = Record<string, unknown>;
export type Item = Record<string, AttributeValue>;

interface Failure extends Error {
  statusCode?: number;
  body?: { __type: string; message?: string; Message?: string };
  item?: Item;
}

interface Table {
  TableStatus: string;
  KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
}

type TableCallback = (error: Failure | null, table: Table) => void;

interface Store {
  getTable(name: string, checkStatus: boolean, callback: TableCallback): void;
  db: { close(callback: () => void): void };
}

interface Database {
  create(options: Record<string, number>): Store;
  itemSize(item: Item): number;
  checkConditional(data: object, item: Item | undefined): Failure | null | undefined;
}

interface Validations {
  checkTypes(data: object, types: object): object;
  checkValidations(data: object, types: object, custom: unknown, store: Store): void;
}

type Action = (
  store: Store,
  data: object,
  callback: (error: Failure | null, output: Record<string, unknown>) => void,
) => void;

// dynalite has no entry but its own HTTP server. Its parts are plain CommonJS, so requests reach them without a second
// socket; the exact version is pinned in package.json.
const load = createRequire(import.meta.url);
const database: Database = load('dynalite/db/index.js');
const validations: Validations = load('dynalite/validations/index.js');

const check = database.checkConditional;
// DynamoDB returns the item that failed a condition when asked for (ReturnValuesOnConditionCheckFailure); dynalite
// throws the item away. Keeping it here, under dynalite's own lock, is the only place where it cannot have changed yet.
database.checkConditional = (data, item) => {
  const failure = check(data, item);
  if (failure && item) failure.item = item;
  return failure;
};

/** Bytes that DynamoDB counts for an item: what its 400 KB limit and its write units go by. */
export const itemSize = (item: Item): number => database.itemSize(item);

/** DynamoDB's tables, in memory, in this process: dynalite's actions behind one asynchronous call. */
export class Engine {
  readonly #store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  readonly #tables = new Map<string, Table>();
  readonly #itemStore = this.#withCachedTables();

  /**
   * Runs one operation of the DynamoDB API, such as `PutItem`, and resolves to its output.
   * @throws {DynamoError} with DynamoDB's own error name; an operation that dynalite lacks gives UnknownOperationException.
   */
  execute(operation: string, input: object): Promise<Record<string, unknown>> {
    const { action, rules } = operationNamed(operation);
    return new Promise((resolve, reject) => {
      const isTableOperation = TABLE_OPERATIONS.has(operation);
      const store = isTableOperation ? this.#store : this.#itemStore;
      try {
        const data = validations.checkTypes(input, rules.types);
        validations.checkValidations(data, rules.types, rules.custom, store);
        action(store, data, (error, output) => {
          if (isTableOperation) this.#tables.clear();
          return error ? reject(asDynamoError(error)) : resolve(output);
        });
      } catch (error) {
        reject(asDynamoError(error as Failure));
      }
    });
  }

  /** The names of the table's key attributes, partition key first. Rejects with ResourceNotFoundException. */
  keyNames(table: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
      this.#itemStore.getTable(table, true, (error, found) =>
        error ? reject(asDynamoError(error)) : resolve(found.KeySchema.map((key) => key.AttributeName)),
      );
    });
  }

  /** dynalite reads and parses its description of a table for every item; for items it may as well remember it. */
  #withCachedTables(): Store {
    const getTable = (name: string, ...rest: unknown[]) => {
      // dynalite calls it with and without a flag in the middle.
      const callback = rest.at(-1) as TableCallback;
      const known = this.#tables.get(name);
      if (known) return callback(null, known);
      this.#store.getTable(name, true, (error, table) => {
        if (!error && table.TableStatus === 'ACTIVE') this.#tables.set(name, table);
        callback(error, table);
      });
    };
    return Object.create(this.#store, { getTable: { value: getTable } });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#store.db.close(() => resolve()));
  }
}

/** They read a table's description to change or to decorate it, so they get it fresh. */
const TABLE_OPERATIONS = new Set(['CreateTable', 'DeleteTable', 'DescribeTable', 'UpdateTable']);

interface Operation {
  action: Action;
  rules: { types: object; custom?: unknown };
}

const operations = new Map<string, Operation>();

function operationNamed(name: string): Operation {
  const known = operations.get(name);
  if (known) return known;
  const file = name[0]?.toLowerCase() + name.slice(1);
  if (!SUPPORTED.has(name)) {
    throw new DynamoError('UnknownOperationException', `DynamoDB's ${name} is not emulated here.`);
  }
  const operation = { action: load(`dynalite/actions/${file}.js`), rules: load(`dynalite/validations/${file}.js`) };
  operations.set(name, operation);
  return operation;
}

/** What dynalite 4 implements. */
const SUPPORTED = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'ListTagsOfResource',
  'UpdateItem',
  'UpdateTable',
]);

function asDynamoError(error: Failure): Error {
  if (!error.body) return error;
  const name = error.body.__type.split('#').at(-1) ?? 'InternalServerError';
  return new DynamoError(name, error.body.message ?? error.body.Message ?? '', {
    status: error.statusCode ?? 400,
    ...(error.item && { item: error.item }),
  });
}

import {
  database,
  type Failure,
  operationNamed,
  type Store,
  type Table,
  type TableCallback,
  validations,
} from './dynalite-internals.ts';
import { DynamoError } from './errors.ts';
import type { Item } from './item.ts';

/** The bytes that DynamoDB counts for an item. Its 400 KB limit and its write units depend on them. */
export const itemSize = (item: Item): number => database.itemSize(item);

/** DynamoDB's tables, in the memory of this process: dynalite's actions behind one asynchronous call. */
export class Engine {
  readonly #store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  readonly #tables = new Map<string, Table>();
  readonly #itemStore = this.#withCachedTables();

  /**
   * Runs one operation of the DynamoDB API, such as `PutItem`, and resolves to its output.
   * @throws {DynamoError} with DynamoDB's own error name; UnknownOperationException for an operation that dynalite
   *   lacks
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

  /**
   * dynalite reads and parses its description of a table for every item. For item operations the description is kept
   * here.
   */
  #withCachedTables(): Store {
    const getTable = (name: string, ...rest: unknown[]) => {
      // dynalite calls it with and without a flag as the second argument.
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

/** These operations change a table's description or add to it, so they read it anew. */
const TABLE_OPERATIONS = new Set(['CreateTable', 'DeleteTable', 'DescribeTable', 'UpdateTable']);

function asDynamoError(error: Failure): Error {
  if (!error.body) return error;
  const name = error.body.__type.split('#').at(-1) ?? 'InternalServerError';
  return new DynamoError(name, error.body.message ?? error.body.Message ?? '', {
    status: error.statusCode ?? 400,
    ...(error.item && { item: error.item }),
  });
}

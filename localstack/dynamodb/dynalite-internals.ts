/**
 * Everything that is used of dynalite although it is not its public interface. The package offers only its own HTTP
 * server. Its parts are plain CommonJS without `exports`. They are loaded by path, so that requests reach them without
 * a second socket. So its exact version is pinned in package.json.
 *
 * - `db/index.js`: makes the store of the tables, counts the bytes of an item, checks conditions.
 * - `validations/index.js`: checks a request's types and limits, with the rules in `validations/<operation>.js`.
 * - `actions/<operation>.js`: one function for each operation.
 *
 * Another version may move any of these; then test/localstack/internals.test.ts fails and names the missing part. If it
 * changes what one of them does, the tests of test/localstack/dynamodb/ fail.
 */
import { createRequire } from 'node:module';
import { DynamoError } from './errors.ts';
import type { Item } from './item.ts';

export interface Failure extends Error {
  statusCode?: number;
  body?: { __type: string; message?: string; Message?: string };
  item?: Item;
}

export interface Table {
  TableStatus: string;
  KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
}

export type TableCallback = (error: Failure | null, table: Table) => void;

export interface Store {
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

const load = createRequire(import.meta.url);
export const database: Database = load('dynalite/db/index.js');
export const validations: Validations = load('dynalite/validations/index.js');

const check = database.checkConditional;
// DynamoDB can return the item that failed a condition (ReturnValuesOnConditionCheckFailure). dynalite throws the item
// away. It is kept here because only here, under dynalite's own lock, it cannot have changed yet.
database.checkConditional = (data, item) => {
  const failure = check(data, item);
  if (failure && item) failure.item = item;
  return failure;
};

export interface Operation {
  action: Action;
  rules: { types: object; custom?: unknown };
}

const operations = new Map<string, Operation>();

/**
 * The function of an API operation, such as `PutItem`, and the rules for its request.
 * @throws {DynamoError} UnknownOperationException for an operation that dynalite lacks
 */
export function operationNamed(name: string): Operation {
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

/** The operations of dynalite 4. */
export const SUPPORTED = new Set([
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

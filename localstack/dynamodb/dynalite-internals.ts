/**
 * All that is taken of dynalite behind its back. The package has no entry but its own HTTP server; its parts are plain
 * CommonJS without `exports`, loaded by path so that requests reach them without a second socket, and its exact version
 * is pinned in package.json.
 *
 * - `db/index.js`: makes the store of the tables, counts the bytes of an item, checks conditions.
 * - `validations/index.js`: checks a request's types and bounds, with the rules in `validations/<operation>.js`.
 * - `actions/<operation>.js`: one function an operation.
 *
 * Another version may move any of it: then test/localstack/internals.test.ts says what is gone. What a version means by
 * the same names, the tests of test/localstack/dynamodb/ say.
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
// DynamoDB returns the item that failed a condition when asked for (ReturnValuesOnConditionCheckFailure); dynalite
// throws the item away. Keeping it here, under dynalite's own lock, is the only place where it cannot have changed yet.
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
 * What an operation of the API does, such as `PutItem`, and the rules for its request.
 * @throws {DynamoError} UnknownOperationException for one that dynalite lacks
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

/** What dynalite 4 implements. */
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

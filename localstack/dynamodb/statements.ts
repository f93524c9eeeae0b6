import type { Engine } from './engine.ts';
import { DynamoError, validationError } from './errors.ts';
import type { AttributeValue, Item } from './item.ts';
import type { WriteBudget } from './limits.ts';
import { PartiqlError, parse } from './partiql.ts';
import { type Request, translate } from './translate.ts';

/** One statement of a request. */
interface StatementRequest {
  Statement: string;
  Parameters?: AttributeValue[];
}

interface StatementResponse {
  TableName?: string;
  Error?: { Code: string; Message: string };
}

/** A statement, translated into an operation. */
interface Prepared extends Request {
  table: string;
}

/** BatchExecuteStatement takes 1 to 25 statements [API_BatchExecuteStatement]. */
const MAXIMUM_STATEMENTS = 25;
/** The code of a single statement's error differs from the classic API's exception [API_BatchStatementError]. */
const CODES: Record<string, string> = {
  ConditionalCheckFailedException: 'ConditionalCheckFailed',
  DuplicateItemException: 'DuplicateItem',
  ItemCollectionSizeLimitExceededException: 'ItemCollectionSizeLimitExceeded',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ResourceNotFoundException: 'ResourceNotFound',
  ThrottlingException: 'ThrottlingError',
  ValidationException: 'ValidationError',
  SerializationException: 'ValidationError',
};

/** PartiQL on an engine that does not know it. Each statement becomes one conditional write. */
export class Statements {
  readonly #engine: Engine;
  readonly #budget: WriteBudget;

  constructor(engine: Engine, budget: WriteBudget) {
    this.#engine = engine;
    this.#budget = budget;
  }

  /**
   * BatchExecuteStatement. Every statement succeeds or fails on its own, and the answers are in the given order. The
   * request itself fails only when it is empty, has more than 25 statements, or names an item twice.
   */
  async batch(input: { Statements?: StatementRequest[] }): Promise<{ Responses: StatementResponse[] }> {
    const statements = input.Statements ?? [];
    if (statements.length < 1 || statements.length > MAXIMUM_STATEMENTS) {
      const bound = statements.length ? `less than or equal to ${MAXIMUM_STATEMENTS}` : 'greater than or equal to 1';
      throw validationError(
        `1 validation error detected: Value at 'statements' failed to satisfy constraint: Member must have length ${bound}`,
      );
    }
    const prepared = await Promise.all(statements.map((statement) => this.#tryPrepare(statement)));
    const keys = prepared.flatMap((each) => (each instanceof Error ? [] : JSON.stringify([each.table, ...each.key])));
    // The answer of DynamoDB Local, which is AWS's own emulator.
    if (new Set(keys).size < keys.length) throw validationError('Provided list of item keys contains duplicates');
    return { Responses: await Promise.all(prepared.map((each) => this.#one(each))) };
  }

  async #one(prepared: Prepared | DynamoError): Promise<StatementResponse> {
    if (prepared instanceof DynamoError) return { Error: failureOf(prepared) };
    const TableName = prepared.table;
    try {
      await this.#run(prepared);
      return { TableName };
    } catch (error) {
      if (error instanceof DynamoError) return { Error: failureOf(error), TableName };
      throw error;
    }
  }

  async #tryPrepare(request: StatementRequest): Promise<Prepared | DynamoError> {
    try {
      return await this.#prepare(request);
    } catch (error) {
      if (error instanceof PartiqlError) {
        return validationError(`Statement wasn't well formed, can't be processed: ${error.message}`);
      }
      if (error instanceof DynamoError) return error;
      throw error;
    }
  }

  async #prepare({ Statement, Parameters = [], ...others }: StatementRequest): Promise<Prepared> {
    if (typeof Statement !== 'string') throw validationError('A statement must be a string.');
    const [unknown] = Object.keys(others);
    if (unknown) throw validationError(`The embedded cloud takes no ${unknown} with a statement.`);
    const { statement, parameters } = parse(Statement);
    if (Parameters.length !== parameters) {
      throw validationError(
        `Number of parameters in request and statement don't match: ${Parameters.length} given, ${parameters} needed.`,
      );
    }
    const { table } = statement;
    return { table, ...translate(statement, Parameters, await this.#engine.keyNames(table)) };
  }

  async #run({ operation, input, table }: Prepared): Promise<void> {
    // A condition that fails also costs its write unit, so the units are taken before the write is tried.
    if (!this.#budget.take(table, input.Item as Item | undefined)) {
      throw new DynamoError('ThrottlingException', `The write capacity of ${table} is exceeded; slow down.`);
    }
    try {
      await this.#engine.execute(operation, input);
    } catch (error) {
      const duplicate = operation === 'PutItem' && (error as Error).name === 'ConditionalCheckFailedException';
      throw duplicate ? new DynamoError('DuplicateItemException', 'Duplicate primary key exists in table') : error;
    }
  }
}

const failureOf = ({ name, message }: DynamoError) => ({
  Code: CODES[name] ?? 'InternalServerError',
  Message: message,
});

import type { Engine } from './engine.ts';
import { DynamoError, validationError } from './errors.ts';
import type { AttributeValue, Item } from './item.ts';
import type { WriteBudget } from './limits.ts';
import { type Parsed, parse } from './partiql.ts';
import { PartiqlError } from './tokens.ts';
import { type Request, translate } from './translate.ts';

/** One statement as it comes in a request. */
export interface StatementRequest {
  Statement: string;
  Parameters?: AttributeValue[];
  ConsistentRead?: boolean;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD' | 'NONE';
}

interface StatementResponse {
  TableName?: string;
  Item?: Item;
  Error?: { Code: string; Message: string; Item?: Item };
}

/** BatchExecuteStatement takes 1 to 25 statements [API_BatchExecuteStatement]. */
const MAXIMUM_STATEMENTS = 25;
/** The codes of a statement's own error differ from the exceptions of the classic API [API_BatchStatementError]. */
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

/** A statement as the operation that it becomes. */
interface Prepared extends Request {
  statement: Parsed['statement'];
  /** Which item it is about; a scan is about none. */
  key?: string;
}

/** PartiQL over an engine that does not know it: each statement becomes one conditional write or one read. */
export class Statements {
  readonly #engine: Engine;
  readonly #budget: WriteBudget;

  constructor(engine: Engine, budget: WriteBudget) {
    this.#engine = engine;
    this.#budget = budget;
  }

  /**
   * BatchExecuteStatement: every statement succeeds or fails on its own, in the order given; the answer itself is a
   * success. The request as a whole fails only when it is empty, longer than 25, mixes reads and writes, or names an item
   * twice.
   */
  async batch(input: { Statements?: StatementRequest[] }): Promise<{ Responses: StatementResponse[] }> {
    const statements = input.Statements ?? [];
    if (statements.length < 1 || statements.length > MAXIMUM_STATEMENTS) {
      const bound = statements.length ? `less than or equal to ${MAXIMUM_STATEMENTS}` : 'greater than or equal to 1';
      throw validationError(
        `1 validation error detected: Value at 'statements' failed to satisfy constraint: Member must have length ${bound}`,
      );
    }
    const parsed = statements.map((statement) => this.#tryParse(statement));
    const kinds = new Set(parsed.map((each) => !(each instanceof Error) && each.statement.kind === 'select'));
    if (kinds.size > 1 && parsed.every((each) => !(each instanceof Error))) {
      throw validationError('The batch must consist of either read statements or write statements; it has both.');
    }
    const prepared = await Promise.all(
      statements.map((statement, index) => this.#tryPrepare(statement, parsed[index])),
    );
    const keys = prepared.flatMap((each) => (each instanceof Error ? [] : (each.key ?? [])));
    // As DynamoDB Local answers, which is AWS's own.
    if (new Set(keys).size < keys.length) throw validationError('Provided list of item keys contains duplicates');
    const Responses = await Promise.all(statements.map((statement, index) => this.#one(statement, prepared[index])));
    return { Responses };
  }

  async #one(request: StatementRequest, prepared: Prepared | Error | undefined): Promise<StatementResponse> {
    const table = prepared && !(prepared instanceof Error) ? { TableName: prepared.statement.table } : {};
    try {
      const output = await this.#run(request, prepared);
      if (output.scanned)
        throw validationError('Select statements within BatchExecuteStatement must specify the primary key');
      return { ...table, ...(output.items[0] && { Item: output.items[0] }) };
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
      const item = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? error.item : undefined;
      const failure = {
        Code: CODES[error.name] ?? 'InternalServerError',
        Message: error.message,
        ...(item && { Item: item }),
      };
      return { Error: failure, ...table };
    }
  }

  /** ExecuteStatement: one statement, whose failure is the failure of the request. */
  async execute(input: StatementRequest & { NextToken?: string; Limit?: number }): Promise<Record<string, unknown>> {
    const { items, next } = await this.#run(input, await this.#tryPrepare(input, this.#tryParse(input)), input);
    return { Items: items, ...(next && { NextToken: next }) };
  }

  #tryParse({ Statement }: StatementRequest): Parsed | Error {
    if (typeof Statement !== 'string') return validationError('A statement must be a string.');
    try {
      return parse(Statement);
    } catch (error) {
      if (!(error instanceof PartiqlError)) throw error;
      return validationError(`Statement wasn't well formed, can't be processed: ${error.message}`);
    }
  }

  async #tryPrepare(request: StatementRequest, parsed: Parsed | Error | undefined): Promise<Prepared | Error> {
    try {
      return await this.#prepare(request, parsed);
    } catch (error) {
      if (error instanceof DynamoError) return error;
      throw error;
    }
  }

  async #prepare(
    { Parameters: parameters = [] }: StatementRequest,
    parsed: Parsed | Error | undefined,
  ): Promise<Prepared> {
    if (!parsed || parsed instanceof Error) throw parsed ?? validationError('No statement.');
    if (parameters.length !== parsed.parameters) {
      throw validationError(
        `Number of parameters in request and statement don't match: ${parameters.length} given, ${parsed.parameters} needed.`,
      );
    }
    const { statement } = parsed;
    const keyNames = await this.#engine.keyNames(statement.table);
    const { operation, input } = translate(statement, parameters, keyNames);
    const holder = (input.Item ?? input.Key) as Item | undefined;
    const key = holder && JSON.stringify([statement.table, ...keyNames.map((name) => holder[name])]);
    return { statement, operation, input, ...(key && { key }) };
  }

  async #run(
    request: StatementRequest,
    prepared: Prepared | Error | undefined,
    page: { NextToken?: string; Limit?: number } = {},
  ) {
    if (!prepared || prepared instanceof Error) throw prepared ?? validationError('No statement.');
    const { statement, operation, input } = prepared;
    if (statement.kind !== 'select') this.#charge(statement.table, input);
    const scanned = operation === 'Scan';
    const output = await this.#execute(operation, {
      ...input,
      ...(request.ConsistentRead && { ConsistentRead: true }),
      ...(scanned && page.NextToken && { ExclusiveStartKey: fromToken(page.NextToken) }),
      ...(scanned && page.Limit && { Limit: page.Limit }),
    });
    const next = output.LastEvaluatedKey ? toToken(output.LastEvaluatedKey) : undefined;
    return { items: itemsOf(output), scanned, next };
  }

  /** A condition that fails costs its write unit too, so the units go before the write is tried. */
  #charge(table: string, input: Request['input']) {
    if (this.#budget.take(table, input.Item as Item | undefined)) return;
    throw new DynamoError('ThrottlingException', `The write capacity of ${table} is exceeded; slow down.`);
  }

  async #execute(operation: Request['operation'], input: Request['input']): Promise<Record<string, unknown>> {
    try {
      return await this.#engine.execute(operation, input);
    } catch (error) {
      const duplicate = operation === 'PutItem' && (error as Error).name === 'ConditionalCheckFailedException';
      // The item stays out: DynamoDB's DuplicateItemException has no member for it, unlike a failed condition's.
      throw duplicate ? new DynamoError('DuplicateItemException', 'Duplicate primary key exists in table') : error;
    }
  }
}

function itemsOf(output: Record<string, unknown>): Item[] {
  if (Array.isArray(output.Items)) return output.Items;
  const item = (output.Item ?? output.Attributes) as Item | undefined;
  return item ? [item] : [];
}

const toToken = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64');

function fromToken(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64').toString());
  } catch {
    throw validationError('NextToken is not one that this table gave.');
  }
}

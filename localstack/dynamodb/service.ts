import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, ServiceRequest } from '../gateway/request.ts';
import { Engine } from './engine.ts';
import { DynamoError } from './errors.ts';
import type { Item } from './item.ts';
import { type Limits, WriteBudget } from './limits.ts';
import { Statements } from './statements.ts';
import { TimeToLive } from './time-to-live.ts';

// biome-ignore lint/suspicious/noExplicitAny: clients can send any request body; each operation checks its own
type Input = any;
type Operation = (input: Input) => Promise<object>;

export interface DynamoDbOptions {
  limits?: Limits;
  /** Seconds between two sweeps that delete expired items. Default 60. */
  ttlSweepSeconds?: number;
}

/** DynamoDB: dynalite, and before it the parts that dynalite lacks and Sluice uses. */
export class DynamoDbService {
  readonly limits: Limits;
  readonly timeToLive: TimeToLive;
  readonly #engine = new Engine();
  readonly #budget: WriteBudget;
  readonly #operations: Record<string, Operation>;

  constructor(options: DynamoDbOptions = {}) {
    this.limits = options.limits ?? {};
    this.#budget = new WriteBudget(this.limits);
    this.timeToLive = new TimeToLive(this.#engine, options.ttlSweepSeconds);
    const statements = new Statements(this.#engine, this.#budget);
    this.#operations = {
      BatchExecuteStatement: (input) => statements.batch(input),
      UpdateTimeToLive: (input) => this.timeToLive.update(input),
      DescribeTimeToLive: (input) => this.timeToLive.describe(input),
      DescribeContinuousBackups: () => backups('DISABLED'),
      UpdateContinuousBackups: (input) =>
        backups(input?.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ? 'ENABLED' : 'DISABLED'),
      CreateTable: (input) => this.#createTable(input),
      DeleteTable: (input) => this.#deleteTable(input),
      PutItem: (input) => this.#write('PutItem', input, input?.Item),
      UpdateItem: (input) => this.#write('UpdateItem', input),
      DeleteItem: (input) => this.#write('DeleteItem', input),
      BatchWriteItem: (input) => this.#batchWrite(input),
    };
  }

  /** Runs one operation by name, without HTTP. @throws {DynamoError} */
  execute(operation: string, input: object): Promise<object> {
    const own = Object.hasOwn(this.#operations, operation) ? this.#operations[operation] : undefined;
    return own ? own(input) : this.#engine.execute(operation, input);
  }

  /** Answers one HTTP request of DynamoDB's JSON protocol. */
  async handle(request: ServiceRequest): Promise<Answer> {
    const operation = (request.headers['x-amz-target'] as string).split('.')[1] ?? '';
    if (this.limits.latencyMs) await delay(this.limits.latencyMs);
    let wantsItem = false;
    try {
      const input = parseBody(request.body);
      wantsItem = input?.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
      return json(200, await this.execute(operation, input));
    } catch (error) {
      if (!(error instanceof DynamoError)) throw error;
      const item = wantsItem && error.item ? { Item: error.item } : {};
      const type = `com.amazonaws.dynamodb.v20120810#${error.name}`;
      return json(error.status, { __type: type, message: error.message, ...item });
    }
  }

  async close() {
    await this.timeToLive.close();
    await this.#engine.close();
  }

  /** dynalite makes a table active later, in its own timer. Here the table can be used once the answer is sent. */
  async #createTable(input: { TableName: string }) {
    const output = await this.#engine.execute('CreateTable', input);
    for (let tries = 0; tries < 100 && !(await this.#isActive(input.TableName)); tries += 1) await delay(2);
    return output;
  }

  async #isActive(TableName: string): Promise<boolean> {
    const { Table } = await this.#engine.execute('DescribeTable', { TableName });
    return (Table as { TableStatus: string }).TableStatus === 'ACTIVE';
  }

  async #deleteTable(input: { TableName: string }) {
    const output = await this.#engine.execute('DeleteTable', input);
    this.timeToLive.forget(input.TableName);
    return output;
  }

  async #write(operation: string, input: Input, item?: Item) {
    if (!this.#budget.take(input?.TableName, item)) throw throttled(input.TableName);
    return this.#engine.execute(operation, input);
  }

  /**
   * Writes that the table does not take now come back as unprocessed, as on AWS. It is an error only if all are
   * throttled.
   */
  async #batchWrite(input: Input) {
    if (this.limits.writeUnitsPerSecond === undefined) return this.#engine.execute('BatchWriteItem', input);
    const taken: Record<string, unknown[]> = {};
    const left: Record<string, unknown[]> = {};
    for (const [table, writes] of Object.entries<Input[]>(input?.RequestItems ?? {})) {
      for (const write of writes) {
        const part = this.#budget.take(table, write?.PutRequest?.Item) ? taken : left;
        part[table] = [...(part[table] ?? []), write];
      }
    }
    if (Object.keys(taken).length === 0) throw throttled(Object.keys(left).join(', '));
    const output = await this.#engine.execute('BatchWriteItem', { ...input, RequestItems: taken });
    return { ...output, UnprocessedItems: left };
  }
}

const throttled = (table: string) =>
  new DynamoError('ProvisionedThroughputExceededException', `The write capacity of ${table} is exceeded; slow down.`);

const backups = async (status: string) => ({
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
  },
});

function parseBody(body: Buffer): Input {
  let input: Input;
  try {
    input = JSON.parse(body.toString());
  } catch {
    throw new DynamoError('SerializationException', 'The request body is not JSON.');
  }
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input;
  throw new DynamoError('SerializationException', 'The request body is not a JSON object.');
}

const json = (status: number, body: object): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(body),
});

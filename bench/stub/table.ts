import { WriteBudget } from './budget.ts';
import { type Item, readStatement, type Slot, type Value } from './statements.ts';

/** How the tables behave. Every field may be left out. */
export interface Behaviour {
  /** Milliseconds from a request to its answer. */
  readonly latencyMs?: number;
  /** Write units a second that the results table takes before it throttles. */
  readonly writeUnitsPerSecond?: number;
  /** Share of writing requests, 0 to 1, that are applied but whose answer is lost (HTTP 500). */
  readonly lostAnswers?: number;
}

/** The requests to the tables. */
export interface Counts {
  requests: number;
  writeUnits: number;
  readUnits: number;
  throttled: number;
  mostInFlight: number;
  queueRequests: number;
  /** Microseconds of CPU that the stub itself used, in this process. */
  stubMicroseconds: number;
}

/** One answer of DynamoDB's JSON protocol. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

class Refusal extends Error {
  readonly type: string;
  readonly item: Item | undefined;

  constructor(type: string, item?: Item) {
    super(type);
    this.type = type;
    this.item = item;
  }
}

const CONDITION_FAILED = 'ConditionalCheckFailedException';
const THROTTLED = 'ProvisionedThroughputExceededException';
const CODES: Record<string, string> = {
  [CONDITION_FAILED]: 'ConditionalCheckFailed',
  [THROTTLED]: 'ThrottlingError',
  DuplicateItemException: 'DuplicateItem',
};

// biome-ignore lint/suspicious/noExplicitAny: a request body is whatever the SDK sent
type Input = any;

/**
 * The part of DynamoDB that the variants use: conditional puts and inserts, updates, reads. Results are the items with
 * a `Result`, in any table. Each accepted write of a result is counted, so that a second write shows.
 */
export class StubTable {
  readonly #behaviour: Behaviour;
  readonly #budget: WriteBudget;
  readonly #items = new Map<string, Item>();
  readonly #resultWrites = new Map<string, number>();
  #inFlight = 0;
  #sinceLost = 0;
  counts = emptyCounts();

  constructor(behaviour: Behaviour = {}) {
    this.#behaviour = behaviour;
    this.#budget = new WriteBudget(behaviour.writeUnitsPerSecond);
  }

  /**
   * Answers one request to DynamoDB or SQS, after the latency and in a later turn of the event loop, as a socket would.
   */
  async answer(target: string, body: string): Promise<Answer> {
    this.#inFlight += 1;
    this.counts.mostInFlight = Math.max(this.counts.mostInFlight, this.#inFlight);
    const { latencyMs } = this.#behaviour;
    await new Promise<void>((resolve) => (latencyMs ? setTimeout(resolve, latencyMs) : setImmediate(resolve)));
    this.#inFlight -= 1;
    const started = performance.now();
    const answer = this.#run(target, body);
    this.counts.stubMicroseconds += (performance.now() - started) * 1000;
    return answer;
  }

  /** The stored results by job id, as numbers. */
  results(): Map<string, number> {
    const found = [...this.#items.values()].filter(({ Result, JobID }) => Result && JobID);
    return new Map(found.map(({ JobID, Result }) => [JobID?.S as string, Number(Result?.N)]));
  }

  /** Jobs whose result was written more than once. */
  doubles(): number {
    return [...this.#resultWrites.values()].filter((writes) => writes > 1).length;
  }

  /** Items that an idempotency layer left in progress. */
  leftInProgress(): number {
    return [...this.#items.values()].filter(({ status, Status }) =>
      (status ?? Status)?.S?.toString().match(/INPROGRESS|running/),
    ).length;
  }

  #run(target: string, body: string): Answer {
    const [service, operation = ''] = target.split('.');
    const input = JSON.parse(body);
    if (service === 'AmazonSQS') return this.#queue(input);
    this.counts.requests += 1;
    try {
      const output = this.#execute(operation, input);
      if (this.#isLost(operation)) return { status: 500, body: '{"__type":"InternalServerError"}' };
      return { status: 200, body: JSON.stringify(output) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const type = `com.amazonaws.dynamodb.v20120810#${error.type}`;
      return { status: 400, body: JSON.stringify({ __type: type, message: error.type, Item: error.item }) };
    }
  }

  #isLost(operation: string): boolean {
    const share = this.#behaviour.lostAnswers ?? 0;
    if (share === 0 || operation.endsWith('GetItem')) return false;
    this.#sinceLost += share;
    if (this.#sinceLost < 1) return false;
    this.#sinceLost -= 1;
    return true;
  }

  #queue(input: Input): Answer {
    this.counts.queueRequests += 1;
    const Successful = (input.Entries ?? []).map(({ Id }: { Id: string }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: '',
    }));
    return { status: 200, body: JSON.stringify({ Successful, Failed: [] }) };
  }

  #execute(operation: string, input: Input): object {
    switch (operation) {
      case 'BatchExecuteStatement':
        return { Responses: input.Statements.map((statement: Input) => this.#statement(statement)) };
      case 'PutItem':
        return this.#put(input);
      case 'UpdateItem':
        return this.#update(input);
      case 'GetItem':
        this.counts.readUnits += input.ConsistentRead ? 1 : 0.5;
        return { Item: this.#items.get(keyOf(input.Key)) };
      case 'BatchGetItem':
        return this.#batchGet(input);
      default:
        throw new Error(`bench/stub/table.ts does not answer ${operation}`);
    }
  }

  #statement({ Statement, Parameters }: { Statement: string; Parameters: Value[] }): object {
    try {
      this.#writeStatement(Statement, Parameters);
      return {};
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { Error: { Code: CODES[error.type], Message: error.type } };
    }
  }

  #writeStatement(text: string, parameters: Value[]): void {
    const statement = readStatement(text);
    let next = 0;
    const nextValue = ({ literal }: Slot): Value =>
      literal === undefined ? (parameters[next++] as Value) : { S: literal };
    if (statement.kind === 'insert') {
      const item: Item = {};
      for (const name of statement.names) item[name] = parameters[next++] as Value;
      this.#charge(item);
      if (this.#items.has(keyOf(item))) throw new Refusal('DuplicateItemException');
      this.#store(item, 'Result' in item);
      return;
    }
    const sets = statement.sets.map((slot) => [slot.name, nextValue(slot)] as const);
    const where = statement.where.map((slot) => [slot.name, nextValue(slot)] as const);
    this.#charge(Object.fromEntries(sets));
    const key = where.find(([name]) => name === 'JobID')?.[1] as Value;
    const stored = this.#items.get(String(key.S));
    if (!stored || where.some(([name, value]) => !same(stored[name], value))) throw new Refusal(CONDITION_FAILED);
    const changed = { ...stored, ...Object.fromEntries(sets) };
    for (const name of statement.removes) delete changed[name];
    this.#store(
      changed,
      sets.some(([name]) => name === 'Result'),
    );
  }

  #put({ Item, ConditionExpression, ExpressionAttributeValues, ReturnValuesOnConditionCheckFailure }: Input): object {
    this.#charge(Item);
    const stored = this.#items.get(keyOf(Item));
    if (ConditionExpression && stored && !isExpired(stored, ExpressionAttributeValues)) {
      throw new Refusal(CONDITION_FAILED, ReturnValuesOnConditionCheckFailure === 'ALL_OLD' ? stored : undefined);
    }
    this.#store(Item, 'Result' in Item);
    return {};
  }

  /** Understands only `SET #name = :value, ...`. An idempotency layer needs no more to complete its record. */
  #update({ Key, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Input): object {
    const stored = this.#items.get(keyOf(Key)) ?? Key;
    const changes: Item = {};
    for (const [, name, value] of UpdateExpression.matchAll(/(#\w+) = (:\w+)/g)) {
      changes[ExpressionAttributeNames[name]] = ExpressionAttributeValues[value];
    }
    const item = { ...stored, ...changes };
    this.#charge(item);
    this.#store(item, 'Result' in changes);
    return {};
  }

  #batchGet({ RequestItems }: Input): object {
    const Responses: Record<string, Item[]> = {};
    for (const [table, { Keys, ConsistentRead }] of Object.entries<Input>(RequestItems)) {
      this.counts.readUnits += Keys.length * (ConsistentRead ? 1 : 0.5);
      Responses[table] = Keys.flatMap((key: Item) => this.#items.get(keyOf(key)) ?? []);
    }
    return { Responses, UnprocessedKeys: {} };
  }

  #charge(item: Item): void {
    const units = Math.ceil(sizeOf(item) / 1024);
    if (!this.#budget.take(units)) {
      this.counts.throttled += 1;
      throw new Refusal(THROTTLED);
    }
    this.counts.writeUnits += units;
  }

  #store(item: Item, isResult: boolean): void {
    const key = keyOf(item);
    this.#items.set(key, item);
    if (isResult) this.#resultWrites.set(key, (this.#resultWrites.get(key) ?? 0) + 1);
  }
}

export function emptyCounts(): Counts {
  return {
    requests: 0,
    writeUnits: 0,
    readUnits: 0,
    throttled: 0,
    mostInFlight: 0,
    queueRequests: 0,
    stubMicroseconds: 0,
  };
}

/** The results table's key is JobID, the idempotency table's is id. No id is in both tables. */
function keyOf(item: Item): string {
  const key = item.JobID ?? item.id;
  if (typeof key?.S !== 'string') throw new Error(`no key in ${JSON.stringify(item)}`);
  return key.S;
}

function same(a: Value | undefined, b: Value): boolean {
  return a !== undefined && (a.S ?? a.N) === (b.S ?? b.N);
}

/** Whether an idempotency record has expired. Only such an item is replaced by a conditional put here. */
function isExpired({ expiration }: Item, values: Record<string, Value> | undefined): boolean {
  const now = Number(values?.[':now']?.N ?? 0);
  return expiration !== undefined && now > 0 && Number(expiration.N) < now;
}

/** The size that DynamoDB counts, for the strings and numbers that these items hold. */
function sizeOf(item: Item): number {
  let bytes = 0;
  for (const name in item) {
    const value = item[name] as Value;
    bytes += name.length + String(value.S ?? value.N ?? '').length;
  }
  return Math.max(1, bytes);
}

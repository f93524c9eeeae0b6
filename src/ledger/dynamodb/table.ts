import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementRequest,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { Coalescer } from '../../aws/coalescer.ts';
import { Pauses } from '../pauses.ts';
import type { StoredRecord } from '../record.ts';
import { LedgerUnavailable, ledgerUnavailable, outOfTime } from '../unavailable.ts';
import { failedRequestAnswer, refusalOfOne, type StatementAnswer, statementAnswer } from './failures.ts';
import { RECORD_PROJECTION, readRecord } from './statements.ts';
import type { TableKey } from './table-form.ts';

/** BatchExecuteStatement takes 25 statements, BatchGetItem 100 keys [API reference]. */
const STATEMENTS_PER_REQUEST = 25;
const KEYS_PER_REQUEST = 100;
/** Milliseconds that results wait for others in their request. Only the end of the batch waits for them. */
const RESULT_LINGER_MS = 50;
/**
 * Milliseconds that results of jobs with effects wait. It is short, because a result that is not sent when the process
 * dies makes its job run again.
 */
const COMPLETION_LINGER_MS = 5;
/** Far below the 16 MB that one request may hold, since only results are counted. The largest result takes 3.6 MB. */
const BYTES_PER_REQUEST = 4 * 1024 * 1024;
/** If this many statements of a request are refused, and all of them one by one, the table itself is out of use. */
const SAYS_ENOUGH = 8;
const REQUESTS_IN_FLIGHT = 16;

/** A statement, and the key that it writes. */
export interface Write {
  readonly key: string;
  readonly request: BatchStatementRequest;
  /** Bytes of its result in a request, about. Everything else in it is small and not counted. */
  readonly bytes?: number;
}

/**
 * The results table, for one invocation. It takes single writes and reads, and sends full requests. Throttled and
 * failed requests are tried again with jittered pauses, until `close`. After `close` no request is under way.
 */
export class LedgerTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #key: TableKey;
  readonly #abort = new AbortController();
  readonly #claims: Coalescer<Write, StatementAnswer>;
  readonly #results: Coalescer<Write, StatementAnswer>;
  readonly #completions: Coalescer<Write, StatementAnswer>;
  readonly #writes: readonly Coalescer<Write, StatementAnswer>[];
  readonly #reads: Coalescer<string, StoredRecord | undefined | Error>;
  readonly #pauses = new Pauses();
  /**
   * Requests that failed, reads and writes. Those that are simply tried again do not count: throttles, 5xx, lost
   * connections.
   */
  readonly errors = { check: 0, save: 0 };
  #broken: Error | undefined;

  constructor(client: DynamoDBClient, tableName: string, key: TableKey = 'JobID') {
    this.#client = client;
    this.#tableName = tableName;
    this.#key = key;
    const writes = {
      maxItems: STATEMENTS_PER_REQUEST,
      maxInFlight: REQUESTS_IN_FLIGHT,
      maxBytes: BYTES_PER_REQUEST,
      sizeOf: ({ bytes = 0 }: Write) => bytes,
      keyOf: ({ key }: Write) => key,
      send: (batch: readonly Write[]) => this.#execute(batch),
    };
    this.#claims = new Coalescer({ ...writes, lingerMs: 0 });
    this.#results = new Coalescer({ ...writes, lingerMs: RESULT_LINGER_MS });
    this.#completions = new Coalescer({ ...writes, lingerMs: COMPLETION_LINGER_MS });
    this.#writes = [this.#claims, this.#results, this.#completions];
    this.#reads = new Coalescer({
      maxItems: KEYS_PER_REQUEST,
      maxInFlight: REQUESTS_IN_FLIGHT,
      lingerMs: 0,
      keyOf: (key) => key,
      send: (keys) => this.#get(keys),
    });
  }

  /** A write that a job waits for before it runs. It goes out in this turn of the event loop. */
  claim(write: Write): Promise<boolean> {
    return this.#submit(this.#claims, write);
  }

  /** A write that only the end of the batch waits for. It waits for others to share its request. */
  store(write: Write): Promise<boolean> {
    return this.#submit(this.#results, write);
  }

  /** A write that turns a lease into a result. It waits only briefly for others. */
  complete(write: Write): Promise<boolean> {
    return this.#submit(this.#completions, write);
  }

  /**
   * A write that need not happen. It waits only briefly for others, and is tried once.
   *
   * @throws LedgerUnavailable where it could not be tried, or was put off
   */
  async try(write: Write): Promise<boolean> {
    const answer = await this.#completions.submit(write);
    if (typeof answer === 'boolean') return answer;
    throw answer === 'again' ? ledgerUnavailable('it is too busy') : answer;
  }

  /**
   * A strongly consistent read of the part of a record that decides about its job; undefined where there is no item.
   *
   * @throws PermanentError when DynamoDB does not take the key
   */
  async read(key: string): Promise<StoredRecord | undefined> {
    const found = await this.#reads.submit(key);
    if (found instanceof Error) throw found;
    return found;
  }

  /** Waits before another try. @throws LedgerUnavailable once closed */
  pause(): Promise<void> {
    return this.#pauses.wait();
  }

  flush(): void {
    for (const writes of this.#writes) writes.flush();
  }

  /**
   * Ends every request and every pause. Rejects everything that waits or is under way, and all later calls, with
   * LedgerUnavailable.
   */
  close(): void {
    const busy = [...this.#writes, this.#reads].map((coalescer) => coalescer.close(outOfTime));
    this.#pauses.close();
    if (busy.includes(true)) this.#abort.abort();
  }

  async #submit(through: Coalescer<Write, StatementAnswer>, write: Write): Promise<boolean> {
    for (;;) {
      const answer = await through.submit(write);
      if (typeof answer === 'boolean') return answer;
      if (answer !== 'again') throw answer;
    }
  }

  async #execute(batch: readonly Write[]): Promise<StatementAnswer[]> {
    if (this.#broken) return batch.map(() => this.#broken as Error);
    try {
      const command = new BatchExecuteStatementCommand({ Statements: batch.map(({ request }) => request) });
      const { Responses = [] } = await this.#client.send(command, { abortSignal: this.#abort.signal });
      // Without an answer the statement is sent again. If it was written after all, its owner shows that it is ours.
      const outcomes = batch.map((_, i) => (Responses[i] ? statementAnswer(Responses[i].Error) : 'again'));
      const unusable = outcomes.find((outcome) => outcome instanceof LedgerUnavailable);
      if (unusable) this.#giveUp(unusable);
      else this.#pace(outcomes.includes('again'));
      return outcomes;
    } catch (error) {
      return await this.#afterFailure(error, batch);
    }
  }

  async #afterFailure(error: unknown, batch: readonly Write[]): Promise<StatementAnswer[]> {
    if (this.#pauses.isClosed) throw outOfTime(error);
    const outcome = failedRequestAnswer(error);
    if (outcome === 'refused') {
      this.errors.save += 1;
      return await this.#takeApart(error as Error, batch);
    }
    if (outcome instanceof Error) this.#giveUp(outcome);
    else this.#pace(true);
    return batch.map(() => outcome);
  }

  /** Splits in halves. So one statement at fault among 25 is found with at most ten requests. */
  async #takeApart(error: Error, batch: readonly Write[]): Promise<StatementAnswer[]> {
    if (batch.length === 1) return [refusalOfOne(error)];
    const middle = batch.length >> 1;
    const halves = await Promise.all([this.#execute(batch.slice(0, middle)), this.#execute(batch.slice(middle))]);
    const outcomes = halves.flat();
    const [first] = outcomes;
    const isUnusable = outcomes.every((outcome) => outcome instanceof LedgerUnavailable);
    if (isUnusable && batch.length >= SAYS_ENOUGH) this.#giveUp(first as LedgerUnavailable);
    return outcomes;
  }

  /** A missing table does not come back within the invocation. So the other writes are not sent at all. */
  #giveUp(error: LedgerUnavailable): void {
    this.errors.save += 1;
    this.#broken = error;
  }

  async #get(keys: readonly string[]): Promise<(StoredRecord | undefined | Error)[]> {
    const found = new Map<string, StoredRecord | Error>();
    let asked: readonly string[] = keys;
    while (asked.length > 0) {
      const unanswered = await this.#getOnce(asked, found);
      if (unanswered.length > 0) await this.#pauses.wait();
      asked = unanswered;
    }
    return keys.map((key) => found.get(key));
  }

  /** @returns the keys that DynamoDB did not read */
  async #getOnce(keys: readonly string[], found: Map<string, StoredRecord | Error>): Promise<readonly string[]> {
    const Keys = keys.map((key) => ({ [this.#key]: { S: key } }));
    const { ProjectionExpression, ExpressionAttributeNames } = RECORD_PROJECTION;
    const names = { ...ExpressionAttributeNames, '#key': this.#key };
    const request = { Keys, ConsistentRead: true, ProjectionExpression, ExpressionAttributeNames: names };
    const RequestItems = { [this.#tableName]: request };
    try {
      const command = new BatchGetItemCommand({ RequestItems });
      const answer = await this.#client.send(command, { abortSignal: this.#abort.signal });
      for (const item of answer.Responses?.[this.#tableName] ?? []) {
        found.set(item[this.#key]?.S ?? '', readRecord(item));
      }
      return answer.UnprocessedKeys?.[this.#tableName]?.Keys?.flatMap((key) => key[this.#key]?.S ?? []) ?? [];
    } catch (error) {
      if (this.#pauses.isClosed) throw outOfTime(error);
      const outcome = failedRequestAnswer(error);
      if (outcome === 'again') return keys;
      this.errors.check += 1;
      if (outcome !== 'refused') throw outcome;
      if (keys.length === 1) {
        found.set(keys[0] as string, refusalOfOne(error as Error));
        return [];
      }
      const middle = keys.length >> 1;
      const halves = [keys.slice(0, middle), keys.slice(middle)];
      return (await Promise.all(halves.map((half) => this.#getOnce(half, found)))).flat();
    }
  }

  #pace(trouble: boolean): void {
    if (!trouble) {
      this.#pauses.reset();
      for (const writes of this.#writes) writes.speedUp();
      return;
    }
    const ms = this.#pauses.nextMs();
    for (const writes of this.#writes) writes.slowDown(ms);
  }
}

import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementRequest,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { backoff } from '../backoff.ts';
import { Coalescer } from '../coalesce.ts';
import {
  LedgerUnavailable,
  ledgerUnavailable,
  refusedBy,
  requestOutcome,
  type StatementOutcome,
  statementOutcome,
} from './failures.ts';
import type { StoredRecord } from './record.ts';
import { RECORD_PROJECTION, readRecord } from './statements.ts';

/** BatchExecuteStatement takes 25 statements, BatchGetItem 100 keys [API reference]. */
const STATEMENTS_PER_REQUEST = 25;
const KEYS_PER_REQUEST = 100;
/** Results wait this long for company, milliseconds; nothing else waits for them before the batch ends. */
const RESULT_LINGER_MS = 50;
const REQUESTS_IN_FLIGHT = 16;
/** Between two tries at a throttled or unreachable table, with full jitter; milliseconds. */
const PACE = { baseMs: 50, capMs: 1_000 };

/** A statement and the key it is about. */
export interface Write {
  readonly key: string;
  readonly request: BatchStatementRequest;
}

/** What a settled write can be. */
export type Written = 'written' | 'exists' | 'conditionFailed';

/**
 * The results table for the length of one invocation: single writes and reads go in, full requests go out. Throttles
 * and failing requests are met with paced, jittered retries until `close`; nothing is under way after it.
 */
export class LedgerTable {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #abort = new AbortController();
  readonly #claims: Coalescer<Write, StatementOutcome>;
  readonly #results: Coalescer<Write, StatementOutcome>;
  readonly #reads: Coalescer<string, StoredRecord | undefined>;
  /** Requests that failed, throttles not counted: reads, and writes. */
  readonly errors = { check: 0, save: 0 };
  #troubles = 0;
  #broken: Error | undefined;
  #closed = false;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
    const writes = {
      maxItems: STATEMENTS_PER_REQUEST,
      maxInFlight: REQUESTS_IN_FLIGHT,
      keyOf: ({ key }: Write) => key,
      send: (batch: readonly Write[]) => this.#execute(batch),
    };
    this.#claims = new Coalescer({ ...writes, lingerMs: 0 });
    this.#results = new Coalescer({ ...writes, lingerMs: RESULT_LINGER_MS });
    this.#reads = new Coalescer({
      maxItems: KEYS_PER_REQUEST,
      maxInFlight: REQUESTS_IN_FLIGHT,
      lingerMs: 0,
      keyOf: (key) => key,
      send: (keys) => this.#get(keys),
    });
  }

  /** A write that a job waits for before it runs: goes out in this turn of the event loop. */
  claim(write: Write): Promise<Written> {
    return this.#settle(this.#claims, write);
  }

  /** A write that only the end of the batch waits for: lingers for company. */
  store(write: Write): Promise<Written> {
    return this.#settle(this.#results, write);
  }

  /** A strongly consistent read of what decides about a job; undefined where there is no item. */
  read(key: string): Promise<StoredRecord | undefined> {
    return this.#reads.submit(key);
  }

  flush(): void {
    this.#results.flush();
  }

  /** Ends every request, and rejects all that still waits or comes with LedgerUnavailable. */
  close(): void {
    const busy = [this.#claims, this.#results, this.#reads].map((coalescer) => coalescer.close(tooLate));
    this.#closed = true;
    if (busy.includes(true)) this.#abort.abort();
  }

  async #settle(through: Coalescer<Write, StatementOutcome>, write: Write): Promise<Written> {
    for (;;) {
      const outcome = await through.submit(write);
      if (outcome instanceof Error) throw outcome;
      if (outcome !== 'again') return outcome;
    }
  }

  async #execute(batch: readonly Write[]): Promise<StatementOutcome[]> {
    if (this.#broken) return batch.map(() => this.#broken as Error);
    try {
      const command = new BatchExecuteStatementCommand({ Statements: batch.map(({ request }) => request) });
      const { Responses = [] } = await this.#client.send(command, { abortSignal: this.#abort.signal });
      // An answer that is missing is no answer: the write is tried again, and finds itself by its owner.
      const outcomes = batch.map((_, i) => (Responses[i] ? statementOutcome(Responses[i].Error) : 'again'));
      const unusable = outcomes.find((outcome) => outcome instanceof LedgerUnavailable);
      if (unusable) this.#giveUp(unusable);
      else this.#pace(outcomes.includes('again'));
      return outcomes;
    } catch (error) {
      return await this.#afterFailure(error, batch);
    }
  }

  async #afterFailure(error: unknown, batch: readonly Write[]): Promise<StatementOutcome[]> {
    if (this.#closed) throw tooLate(error);
    const outcome = requestOutcome(error);
    if (outcome === 'refused') {
      this.errors.save += 1;
      if (batch.length === 1) return [refusedBy((error as Error).message)];
      return (await Promise.all(batch.map((write) => this.#execute([write])))).flat();
    }
    if (outcome instanceof Error) this.#giveUp(outcome);
    else this.#pace(true);
    return batch.map(() => outcome);
  }

  /** A missing table does not come back within the invocation: the rest need not ask. */
  #giveUp(error: LedgerUnavailable): void {
    this.errors.save += 1;
    this.#broken = error;
  }

  async #get(keys: readonly string[]): Promise<(StoredRecord | undefined)[]> {
    const found = new Map<string, StoredRecord>();
    let asked: readonly string[] = keys;
    while (asked.length > 0) {
      const unanswered = await this.#getOnce(asked, found);
      if (unanswered.length > 0) await this.#pauseAfterTrouble();
      asked = unanswered;
    }
    return keys.map((key) => found.get(key));
  }

  /** @returns the keys that DynamoDB did not get to */
  async #getOnce(keys: readonly string[], found: Map<string, StoredRecord>): Promise<readonly string[]> {
    const Keys = keys.map((key) => ({ JobID: { S: key } }));
    const RequestItems = { [this.#tableName]: { Keys, ConsistentRead: true, ...RECORD_PROJECTION } };
    try {
      const command = new BatchGetItemCommand({ RequestItems });
      const answer = await this.#client.send(command, { abortSignal: this.#abort.signal });
      for (const item of answer.Responses?.[this.#tableName] ?? []) found.set(item.JobID?.S ?? '', readRecord(item));
      return answer.UnprocessedKeys?.[this.#tableName]?.Keys?.flatMap(({ JobID }) => JobID?.S ?? []) ?? [];
    } catch (error) {
      if (this.#closed) throw tooLate(error);
      const outcome = requestOutcome(error);
      if (outcome === 'again') return keys;
      this.errors.check += 1;
      throw outcome === 'refused' ? ledgerUnavailable((error as Error).message, error) : outcome;
    }
  }

  #pace(trouble: boolean): void {
    if (!trouble) {
      this.#troubles = 0;
      for (const writes of [this.#claims, this.#results]) writes.speedUp();
      return;
    }
    const ms = this.#nextPause();
    for (const writes of [this.#claims, this.#results]) writes.slowDown(ms);
  }

  async #pauseAfterTrouble(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#nextPause()));
    if (this.#closed) throw tooLate();
  }

  #nextPause(): number {
    this.#troubles += 1;
    return backoff(this.#troubles, PACE, Math.random());
  }
}

function tooLate(cause?: unknown): LedgerUnavailable {
  return ledgerUnavailable("the invocation's time for it was spent", cause);
}

/**
 * Reads environment variables and collects their problems, so that one cold start reports all of them. Every method
 * returns a usable value even where it notes a problem. `check` then throws.
 */
export class EnvironmentReader {
  readonly #variables: Readonly<Record<string, string | undefined>>;
  readonly #problems: string[] = [];

  constructor(variables: Readonly<Record<string, string | undefined>>) {
    this.#variables = variables;
  }

  /** A variable that must be set and not empty. */
  string(name: string): string {
    const value = this.#variables[name];
    if (!value) this.#problems.push(`${name} is not set`);
    return value ?? '';
  }

  /** A variable that may be missing. An empty one counts as missing. */
  optional(name: string): string | undefined {
    return this.#variables[name] || undefined;
  }

  /** An absolute http or https URL that must be set. */
  url(name: string): string {
    const value = this.string(name);
    if (value && !/^https?:\/\/\S+$/.test(value)) this.#problems.push(`${name} must be a URL, not "${value}"`);
    return value;
  }

  /** A whole number in [min, max]; `fallback` where the variable is not set. */
  integer(name: string, { min, max, fallback }: { min: number; max: number; fallback: number }): number {
    const text = this.#variables[name];
    if (!text) return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    this.#problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
    return fallback;
  }

  /** One of a few words; `fallback` where the variable is not set. */
  oneOf<Word extends string>(name: string, words: readonly Word[], fallback: Word): Word {
    const text = this.#variables[name];
    if (!text) return fallback;
    const found = words.find((word) => word === text);
    if (!found) this.#problems.push(`${name} must be one of ${words.join(', ')}, not "${text}"`);
    return found ?? fallback;
  }

  /** Comma-separated values, trimmed; empty where the variable is not set. */
  list(name: string): string[] {
    return (this.#variables[name] ?? '').split(',').flatMap((item) => item.trim() || []);
  }

  /**
   * Comma-separated values, each read by `parse`. Where `parse` returns undefined, that is a problem. The problem names
   * the value's position and not its text, because the text may be a secret.
   *
   * @param form what a value looks like, for the message
   */
  listOf<Item>(name: string, parse: (text: string) => Item | undefined, form: string): Item[] {
    const texts = this.list(name);
    return texts.flatMap((text, i) => {
      const item = parse(text);
      if (item === undefined) this.#problems.push(`${name}: value ${i + 1} of ${texts.length} is not ${form}`);
      return item ?? [];
    });
  }

  /** Notes a problem that no single variable shows. */
  problem(text: string): void {
    this.#problems.push(text);
  }

  /** @throws Error with one line that lists every problem found so far */
  check(): void {
    if (this.#problems.length === 0) return;
    throw new Error(
      `The environment is not complete: ${[...new Set(this.#problems)].join('; ')}. See .env.sample for every variable.`,
    );
  }
}

/** The configuration of every worker function. */
export interface Environment {
  readonly stage: string;
  readonly tableName: string;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** Where jobs wait that have failed too often on the queue; undefined where there is no such queue. */
  readonly retryQueue?: RetryQueue | undefined;
  /** The queue that gets what job types hand over: the next step of a chain. Undefined where this is the last. */
  readonly nextQueueUrl?: string | undefined;
  /** The job type of messages that name none; undefined where each message must name its own. */
  readonly defaultType: string | undefined;
  /** The queue's `maxReceiveCount`: after this many receives SQS itself moves a message to the DLQ. */
  readonly maxReceiveCount: number;
  /** The queue's visibility timeout, in seconds. A batch whose process was killed comes back after this time. */
  readonly visibilityTimeout: number;
  /** The number of slots: jobs of one invocation that run at once. */
  readonly concurrency: number;
  readonly resultTtlDays: number;
  readonly logLevel: LogLevel;
}

/** A queue beside the main one, with a longer wait before each run. */
export interface RetryQueue {
  readonly url: string;
  /** A job goes there after so many failed runs. */
  readonly after: number;
  /** Runs that a job has there. */
  readonly attempts: number;
  /** The queue's `DelaySeconds`, and the least wait before each of its runs, in seconds. */
  readonly delay: number;
}

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Set by infra/functions.js where a queue's declaration has `next`. */
export const NEXT_QUEUE_URL = 'NEXT_QUEUE_URL';

/** Reads the worker's variables. The reader collects the problems, and its `check` throws them together. */
export function readEnvironment(read: EnvironmentReader): Environment {
  return {
    stage: read.string('STAGE'),
    tableName: read.string('TABLE_NAME'),
    queueUrl: read.url('QUEUE_URL'),
    deadLetterQueueUrl: read.url('DLQ_URL'),
    retryQueue: readRetryQueue(read),
    nextQueueUrl: read.optional(NEXT_QUEUE_URL) && read.url(NEXT_QUEUE_URL),
    defaultType: read.optional('DEFAULT_TYPE'),
    maxReceiveCount: read.integer('MAX_RECEIVE_COUNT', { min: 1, max: 1000, fallback: 5 }),
    visibilityTimeout: read.integer('VISIBILITY_TIMEOUT', { min: 1, max: 43_200, fallback: 181 }),
    concurrency: read.integer('WORKER_CONCURRENCY', { min: 1, max: 1000, fallback: 10 }),
    resultTtlDays: read.integer('RESULT_TTL_DAYS', { min: 1, max: 3650, fallback: 30 }),
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'INFO'),
  };
}

function readRetryQueue(read: EnvironmentReader): RetryQueue | undefined {
  if (read.optional('RETRY_QUEUE_URL') === undefined) return undefined;
  return {
    url: read.url('RETRY_QUEUE_URL'),
    after: read.integer('RETRY_QUEUE_AFTER', { min: 1, max: 100, fallback: 3 }),
    attempts: read.integer('RETRY_QUEUE_ATTEMPTS', { min: 1, max: 100, fallback: 3 }),
    delay: read.integer('RETRY_QUEUE_DELAY', { min: 0, max: 900, fallback: 30 }),
  };
}

/**
 * The configuration of the process. Only this place reads it from `process.env`; the sandbox passes `process.env` on
 * whole.
 */
export function processEnvironment(): EnvironmentReader {
  return new EnvironmentReader(process.env);
}

import { Redis } from 'ioredis';
import type { Connection } from '../connections/connections.ts';

/** Milliseconds for opening a connection. */
const CONNECT_MS = 3_000;

/** A command with its arguments. */
export type Command = readonly [name: string, ...values: (string | number)[]];

/** What the store asks of a connection. */
export interface RedisConnection extends Connection {
  /**
   * Sends commands in one pipeline.
   *
   * @returns the answers in their order, an Error for a command that the server refused
   * @throws what ended the connection, or kept it from opening
   */
  send(commands: readonly Command[]): Promise<unknown[]>;
}

/**
 * One connection by `ioredis`: with 190 KB of a bundle it is the lighter of the two that are well kept (`@redis/client` takes 416).
 * Its own reconnecting is off: what is tried again, when and until when, is the session's to say.
 */
export class IoredisConnection implements RedisConnection {
  readonly #redis: Redis;
  #opened: Promise<void> | undefined;
  #cause: Error | undefined;
  #isLost = false;

  /** @param url as `REDIS_URL`: rediss://user:password@host:port */
  constructor(url: string) {
    this.#redis = new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      retryStrategy: null,
      maxRetriesPerRequest: null,
      enableOfflineQueue: false,
      // Less to ask before the first command, and less to be permitted. A server that is still loading says so by itself.
      enableReadyCheck: false,
      disableClientInfo: true,
      protocol: 2,
    });
    // Why a log-in failed is told here, and `connect` only that the connection is closed.
    this.#redis.on('error', (error: Error) => {
      this.#cause ??= error;
    });
    this.#redis.on('end', () => {
      this.#isLost = true;
    });
  }

  get isUsable(): boolean {
    return !this.#isLost;
  }

  async send(commands: readonly Command[]): Promise<unknown[]> {
    this.#opened ??= this.#redis.connect();
    try {
      await this.#opened;
    } catch (error) {
      throw this.#cause ?? error;
    }
    if (this.#cause) throw this.#cause;
    const answers = await this.#redis.pipeline(commands.map((command) => [...command])).exec();
    // Whether the others were done nobody knows: all are sent again, and find their own writes.
    const lost = answers?.find(([error]) => error && !isAnswer(error));
    if (!answers || lost) throw lost?.[0] ?? new Error('the pipeline was not answered');
    return answers.map(([error, answer]) => error ?? answer);
  }

  rest(resting: boolean): void {
    if (resting) this.#redis.stream?.unref();
    else this.#redis.stream?.ref();
  }

  destroy(): void {
    this.#isLost = true;
    const { stream } = this.#redis;
    // `disconnect` waits for the end of a stream, also of one that has ended.
    if (stream?.destroyed) return;
    this.#redis.disconnect();
    stream?.destroy();
  }
}

/** Whether an error is what the server answered, and not what became of the connection. */
export const isAnswer = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

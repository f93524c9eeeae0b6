import { Coalescer } from '../../aws/coalescer.ts';
import { PermanentError } from '../../failures/errors.ts';
import { Pauses } from '../pauses.ts';
import { LedgerUnavailable, ledgerUnavailable, outOfTime } from '../unavailable.ts';
import type { Connection, Connections } from './connections.ts';

/** A request without an answer for so long has lost its connection; opening one included. Milliseconds. */
const REQUEST_MS = 5_000;

/**
 * What a server's error means. `again`: it may pass. `lost`: it may pass, on another connection. `refused`: the values of a
 * request are at fault. An error: the server cannot be used in this invocation.
 */
export type Trouble = 'again' | 'lost' | 'refused' | LedgerUnavailable;

export interface Server<C extends Connection> {
  readonly connections: Connections<C>;
  troubleOf(error: unknown): Trouble;
}

/** Requests that may travel together. */
export interface Lane<C extends Connection, Request, Answer> {
  /** Which errors they count as: reads are checks. */
  readonly kind: 'check' | 'save';
  /** Whether a request whose trouble may pass is tried again, as by default, or is `LedgerUnavailable` then. */
  readonly tries?: 'once' | 'untilClosed';
  readonly maxItems: number;
  readonly maxBytes?: number;
  sizeOf?(request: Request): number;
  /** Two requests with one key never travel together. */
  keyOf?(request: Request): string;
  /** @returns an answer for each request, in order, or the server's error to it. @throws where none has an answer */
  send(connection: C, requests: readonly Request[]): Promise<readonly (Answer | Error)[]>;
}

const AGAIN = Symbol('again');
type Outcome<Answer> = Answer | Error | typeof AGAIN;

/**
 * The requests of one invocation to a server, over one connection. What is asked for while a request is under way travels in the
 * next. Lost connections and errors that may pass are met with paced, jittered retries until `close`; nothing is under way after
 * it.
 */
export class Requests<C extends Connection> {
  /** Requests that failed, those not counted that only have to wait. */
  readonly errors = { check: 0, save: 0 };
  readonly #server: Server<C>;
  readonly #lanes: Pick<Coalescer<unknown, unknown>, 'close' | 'flush' | 'slowDown'>[] = [];
  readonly #pauses = new Pauses();
  #connection: C | undefined;
  #broken: LedgerUnavailable | undefined;

  constructor(server: Server<C>) {
    this.#server = server;
  }

  /** @returns makes a request; throws PermanentError where its values are refused, LedgerUnavailable where the server cannot be used */
  lane<Request, Answer>(lane: Lane<C, Request, Answer>): (request: Request) => Promise<Answer> {
    const coalescer = new Coalescer<Request, Outcome<Answer>>({
      ...lane,
      lingerMs: 0,
      maxInFlight: 1,
      send: (requests) => this.#execute(lane, requests),
    });
    this.#lanes.push(coalescer);
    return async (request) => {
      for (;;) {
        const outcome = await coalescer.submit(request);
        if (outcome instanceof Error) throw outcome;
        if (outcome !== AGAIN) return outcome;
        if (lane.tries === 'once') throw ledgerUnavailable('it is too busy');
      }
    };
  }

  /** Waits before another try. @throws LedgerUnavailable once closed */
  pause(): Promise<void> {
    return this.#pauses.wait();
  }

  flush(): void {
    for (const lane of this.#lanes) lane.flush();
  }

  /** Ends every request and every pause, and rejects all that waits, is under way or still comes with LedgerUnavailable. */
  close(): void {
    const busy = this.#lanes.map((lane) => lane.close(outOfTime));
    this.#pauses.close();
    const connection = this.#connection;
    this.#connection = undefined;
    if (!connection) return;
    if (busy.includes(true)) connection.destroy();
    else this.#server.connections.giveBack(connection);
  }

  async #execute<Request, Answer>(
    lane: Lane<C, Request, Answer>,
    requests: readonly Request[],
  ): Promise<Outcome<Answer>[]> {
    if (this.#pauses.isClosed) throw outOfTime();
    if (this.#broken) return requests.map(() => this.#broken as Error);
    const connection = this.#connected();
    try {
      const answers = await inTime(lane.send(connection, requests));
      const outcomes = answers.map((answer) =>
        answer instanceof Error ? this.#outcomeOf(answer, lane.kind, connection) : answer,
      );
      this.#pace(outcomes.includes(AGAIN));
      return outcomes;
    } catch (error) {
      if (this.#pauses.isClosed) throw outOfTime(error);
      if (requests.length > 1 && this.#server.troubleOf(error) === 'refused')
        return await this.#takeApart(lane, requests);
      const outcome = this.#outcomeOf(error, lane.kind, connection);
      if (outcome instanceof LedgerUnavailable) this.#broken = outcome;
      this.#pace(outcome === AGAIN);
      return requests.map(() => outcome);
    }
  }

  /** One of them is at fault, and halves find it. */
  async #takeApart<Request, Answer>(
    lane: Lane<C, Request, Answer>,
    requests: readonly Request[],
  ): Promise<Outcome<Answer>[]> {
    const middle = requests.length >> 1;
    const first = await this.#execute(lane, requests.slice(0, middle));
    return [...first, ...(await this.#execute(lane, requests.slice(middle)))];
  }

  #outcomeOf(error: unknown, kind: 'check' | 'save', connection: C): Error | typeof AGAIN {
    const trouble = this.#server.troubleOf(error);
    if (trouble === 'again') return AGAIN;
    this.errors[kind] += 1;
    if (trouble === 'lost') {
      connection.destroy();
      return AGAIN;
    }
    return trouble === 'refused' ? new PermanentError(`the store refuses the record: ${messageOf(error)}`) : trouble;
  }

  #connected(): C {
    if (this.#connection && !this.#connection.isUsable) {
      this.#connection.destroy();
      this.#connection = undefined;
    }
    this.#connection ??= this.#server.connections.take();
    return this.#connection;
  }

  #pace(trouble: boolean): void {
    if (!trouble) {
      this.#pauses.reset();
      return;
    }
    const ms = this.#pauses.nextMs();
    for (const lane of this.#lanes) lane.slowDown(ms);
  }
}

/** A server that is gone without a word answers nothing, ever. */
function inTime<Answers>(sending: Promise<Answers>): Promise<Answers> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${REQUEST_MS} ms`)), REQUEST_MS);
    sending.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

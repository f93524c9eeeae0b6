/** A connection to a server. Making one waits for nothing: its first request opens it. */
export interface Connection {
  /** False once it is lost or destroyed. */
  readonly isUsable: boolean;
  /** Whether the process may end though it is open. */
  rest(resting: boolean): void;
  /** Ends it at once, and fails what is under way on it. */
  destroy(): void;
}

/**
 * AWS's networks forget a connection that was silent for 350 s, and tell neither side [VPC, connection tracking]. One that
 * rested for longer than this is made anew, which takes milliseconds; to find out that it is dead takes seconds.
 */
const MAX_REST_MS = 300_000;

/**
 * The connections of one process. A session has one for itself while it lasts, so that closing it can end what it has under way.
 * Invocations follow each other, so there is one; where they overlap, each has its own.
 */
export class Connections<C extends Connection> {
  readonly #make: () => C;
  readonly #resting: { readonly connection: C; readonly since: number }[] = [];

  /** @param make makes a connection, without waiting */
  constructor(make: () => C) {
    this.#make = make;
  }

  take(): C {
    for (let last = this.#resting.pop(); last; last = this.#resting.pop()) {
      const { connection, since } = last;
      // By the wall clock: a monotonic one may stand still while Lambda has the process frozen.
      if (connection.isUsable && Date.now() - since < MAX_REST_MS) {
        connection.rest(false);
        return connection;
      }
      connection.destroy();
    }
    return this.#make();
  }

  /** @param connection with nothing under way */
  giveBack(connection: C): void {
    if (!connection.isUsable) {
      connection.destroy();
      return;
    }
    connection.rest(true);
    this.#resting.push({ connection, since: Date.now() });
  }

  /** Ends the connections that rest. */
  close(): void {
    for (const { connection } of this.#resting.splice(0)) connection.destroy();
  }
}

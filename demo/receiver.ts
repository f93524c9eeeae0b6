import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A delivery that was answered with 200. */
export interface Delivery {
  /** When the answer was sent, in milliseconds since the epoch. */
  readonly at: number;
  readonly body: string;
  /** As the worker sent it. It grows with each claim of the job. */
  readonly fencingToken: number;
}

type Behaviour = { readonly status: number; readonly retryAfterSeconds?: number } | 'reset';

/**
 * The answer to a key's `attempt`-th request, from the path. Pure: only the mix decides which messages fail.
 *
 * - `/ok` answers 200;
 * - `/flaky/503/2` answers 503 to the first two requests of each key, then 200; so does `/flaky/429/<n>`, which asks
 *   for a wait of one second, and `/flaky/reset/<n>`, which drops the connection;
 * - until the repair, `/gone/404` and `/gone/400` answer with that status, and `/down` with 503.
 */
export function behaviourOf(path: string, attempt: number, repaired: boolean): Behaviour {
  const [, behaviour, how, times] = path.split('/');
  const ok = { status: 200 };
  if (repaired) return ok;
  if (behaviour === 'gone') return { status: Number(how) };
  if (behaviour === 'down') return { status: 503 };
  if (behaviour !== 'flaky' || attempt > Number(times)) return ok;
  if (how === 'reset') return 'reset';
  return how === '429' ? { status: 429, retryAfterSeconds: 1 } : { status: Number(how) };
}

/**
 * An HTTP server on the loopback address. It takes webhooks, fails as their paths say, and remembers what it accepted.
 */
export class Receiver {
  /** Every successful delivery by `Idempotency-Key`. There should be one for each key. */
  readonly deliveries = new Map<string, Delivery[]>();
  readonly #attempts = new Map<string, number>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #repaired = false;
  #delivered = 0;
  #refused = 0;
  #watch: { count: number; reached: () => void } | undefined;

  /** @returns its URL, without a slash at the end */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', 511, resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on every request is answered with 200. */
  repair(): void {
    this.#repaired = true;
  }

  /** The number of requests so far, by how they ended. */
  counts(): { delivered: number; refused: number } {
    return { delivered: this.#delivered, refused: this.#refused };
  }

  /** Calls `reached` just when this many deliveries were answered, while the job of the last one still runs. */
  onceDelivered(count: number, reached: () => void): void {
    this.#watch = { count, reached };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const key = String(request.headers['idempotency-key'] ?? '');
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    const behaviour = behaviourOf(request.url ?? '', attempt, this.#repaired);
    if (behaviour === 'reset') {
      this.#refused += 1;
      request.socket.destroy();
      return;
    }
    // A client that disconnects in the middle has delivered nothing.
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    const { status, retryAfterSeconds } = behaviour;
    if (status === 200) {
      const fencingToken = Number(request.headers['sluice-fencing-token']);
      response.once('finish', () => this.#accept(key, { at: Date.now(), body, fencingToken }));
    } else {
      this.#refused += 1;
    }
    response
      .writeHead(status, retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) })
      .end();
  }

  #accept(key: string, delivery: Delivery): void {
    this.deliveries.set(key, [...(this.deliveries.get(key) ?? []), delivery]);
    this.#delivered += 1;
    if (this.#delivered === this.#watch?.count) this.#watch.reached();
  }
}

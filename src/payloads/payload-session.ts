import type { Deadline } from '../engine/deadline.ts';
import { Deferred, NotStarted } from '../failures/errors.ts';
import { Budget } from './budget.ts';
import { checkWanted, type Open, type PayloadSettings, readPayload, type Wanted } from './payload-store.ts';

/** The longest that S3 may take for one payload, in milliseconds; in a short invocation half of its time for jobs. */
const READ_MS = 10_000;
/** Requests under way at once. More would share the function's network, and end later. */
const AT_ONCE = 16;

/** A payload in memory. */
export interface Payload {
  readonly text: string;
  /** Makes room for others, once nothing of the payload is used any more. */
  readonly release: () => void;
}

/**
 * The payloads of one invocation. All that are in memory at once have no more bytes than one may have. When the time for
 * jobs ends, every request ends, too, and no other begins.
 */
export class PayloadSession {
  readonly #settings: PayloadSettings;
  readonly #open: Open;
  readonly #deadline: Deadline;
  readonly #abort = new AbortController();
  readonly #bytes: Budget;
  readonly #requests = new Budget(AT_ONCE);
  readonly #timer: NodeJS.Timeout;

  constructor(settings: PayloadSettings, open: Open, deadline: Deadline) {
    this.#settings = settings;
    this.#open = open;
    this.#deadline = deadline;
    this.#bytes = new Budget(settings.maxBytes);
    this.#timer = setTimeout(() => this.close(), deadline.until(deadline.abortAt));
  }

  /** Whether a payload waits for others to be released. */
  get isFull(): boolean {
    return this.#bytes.isShort;
  }

  /** @throws NotStarted when the invocation's time ends first; else as `readPayload` */
  async read(wanted: Wanted): Promise<Payload> {
    checkWanted(wanted, this.#settings);
    const release = await this.#bytes.take(wanted.size ?? this.#settings.maxBytes);
    try {
      return { text: await this.#readNow(wanted), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Ends every request, and rejects all who wait. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort(tooLate());
    this.#bytes.close(tooLate);
    this.#requests.close(tooLate);
  }

  async #readNow(wanted: Wanted): Promise<string> {
    const done = await this.#requests.take(1);
    const limit = this.#deadline.limitFor(READ_MS);
    const slow = new AbortController();
    const timer = setTimeout(() => slow.abort(tooSlow(limit ?? 0)), limit);
    try {
      if (limit === undefined) throw tooLate();
      const signal = AbortSignal.any([this.#abort.signal, slow.signal]);
      return await readPayload(wanted, this.#settings, this.#open, signal);
    } finally {
      clearTimeout(timer);
      done();
    }
  }
}

function tooLate(): NotStarted {
  return new NotStarted("the invocation's time was spent before the payload was read");
}

function tooSlow(ms: number): Deferred {
  return new Deferred(`the payload was not read from S3 within ${Math.round(ms)} ms`);
}

import type { BufferedRecord } from './record.ts';

/** Lambda's limit for the payload of an invocation, 6 MiB. It also closes a batch. */
export const payloadLimitBytes = 6 * 1024 * 1024;

const envelopeBytes = '{"Records":[]}'.length;

/**
 * Received messages that wait for their batch. A batch closes when it is full, when the next record would take the
 * event over 6 MB, or when the batching window is over. The window begins with the first record; a window of 0 never
 * waits.
 */
export class BatchBuffer {
  readonly #batchSize: number;
  readonly #windowMs: number;
  readonly #records: BufferedRecord[] = [];
  #bytes = 0;

  constructor(limits: { batchSize: number; windowSeconds: number }) {
    this.#batchSize = limits.batchSize;
    this.#windowMs = limits.windowSeconds * 1000;
  }

  get length(): number {
    return this.#records.length;
  }

  add(record: BufferedRecord): void {
    this.#records.push(record);
    this.#bytes += record.bytes + 1;
  }

  /** When the window of the waiting records ends, in epoch milliseconds; undefined where none waits. */
  dueAt(): number | undefined {
    const first = this.#records[0];
    return first && first.receivedAt + this.#windowMs;
  }

  /** Removes and returns the next batch if it is closed at `now`; with `flush` in any case. */
  take(now: number, flush = false): BufferedRecord[] | undefined {
    const due = this.dueAt();
    if (due === undefined) return undefined;
    const full = this.#records.length >= this.#batchSize || envelopeBytes + this.#bytes - 1 > payloadLimitBytes;
    if (!full && !flush && now < due) return undefined;
    let count = 0;
    let bytes = envelopeBytes - 1;
    for (const record of this.#records) {
      bytes += record.bytes + 1;
      if (count === this.#batchSize || (count > 0 && bytes > payloadLimitBytes)) break;
      count += 1;
    }
    const batch = this.#records.splice(0, count);
    for (const record of batch) this.#bytes -= record.bytes + 1;
    return batch;
  }
}

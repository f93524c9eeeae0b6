export interface CoalescerOptions<Item, Result> {
  /** Items in one request, at most. */
  readonly maxItems: number;
  /** Bytes in one request, at most; without it only items count. */
  readonly maxBytes?: number;
  sizeOf?(item: Item): number;
  /**
   * Milliseconds that an item may wait for others to share its request. 0 waits only for the current turn of the event
   * loop.
   */
  readonly lingerMs: number;
  /** Requests under way at once, at most. */
  readonly maxInFlight: number;
  /** Two items with one key never share a request. */
  keyOf?(item: Item): string;
  /** Sends one request. @returns one result per item, in order */
  send(items: readonly Item[]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Collects single items into full requests. A request goes out when it is full, when its first item has waited for
 * `lingerMs`, or on `flush`. No more than `maxInFlight` are under way at once, and none goes out during a pause.
 */
export class Coalescer<Item, Result> {
  readonly #options: CoalescerOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  readonly #underWay = new Set<Waiting<Item, Result>[]>();
  #due = 0;
  #timer: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #pause: NodeJS.Timeout | undefined;
  #maxInFlight: number;
  #closed: (() => Error) | undefined;

  constructor(options: CoalescerOptions<Item, Result>) {
    this.#options = options;
    this.#maxInFlight = options.maxInFlight;
  }

  /** Puts an item into one of the next requests. Rejects with what `send` threw for that request. */
  submit(item: Item): Promise<Result> {
    if (this.#closed) return Promise.reject(this.#closed());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#waiting.length - this.#due >= this.#options.maxItems) this.#markDue(this.#options.maxItems);
      else this.#armTimer();
    });
  }

  /** Sends the waiting items now. */
  flush(): void {
    this.#markDue(this.#waiting.length - this.#due);
  }

  /**
   * Starts no request for `ms`, and halves the number of requests at once; each `speedUp` allows one more again. A
   * pause that already runs is not made longer.
   */
  slowDown(ms: number): void {
    this.#maxInFlight = Math.max(1, this.#maxInFlight >> 1);
    if (this.#pause) return;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#pump();
    }, ms);
  }

  speedUp(): void {
    if (this.#maxInFlight < this.#options.maxInFlight) this.#maxInFlight += 1;
  }

  /**
   * Rejects every item that waits or is under way, and every later one, each with an error of `makeError`. It does not
   * wait for requests under way, because they may take long.
   *
   * @returns whether requests are still under way; the sender has to abort them
   */
  close(makeError: () => Error): boolean {
    this.#closed = makeError;
    this.#disarm();
    clearTimeout(this.#pause);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#due = 0;
    for (const { reject } of [waiting, ...this.#underWay].flat()) reject(makeError());
    return this.#underWay.size > 0;
  }

  #armTimer(): void {
    if (this.#timer) return;
    const due = () => {
      this.#timer = undefined;
      this.flush();
    };
    this.#timer = this.#options.lingerMs > 0 ? setTimeout(due, this.#options.lingerMs) : setImmediate(due);
  }

  #disarm(): void {
    if (!this.#timer) return;
    if (this.#options.lingerMs > 0) clearTimeout(this.#timer as NodeJS.Timeout);
    else clearImmediate(this.#timer as NodeJS.Immediate);
    this.#timer = undefined;
  }

  #markDue(count: number): void {
    this.#due += count;
    if (this.#due === this.#waiting.length) this.#disarm();
    this.#pump();
  }

  #pump(): void {
    while (this.#due > 0 && this.#underWay.size < this.#maxInFlight && !this.#pause) void this.#sendOne(this.#take());
  }

  /** The items that have waited longest and fit into one request together. */
  #take(): Waiting<Item, Result>[] {
    const { maxItems, maxBytes = Number.POSITIVE_INFINITY, sizeOf, keyOf } = this.#options;
    const keys = new Set<string>();
    const taken: Waiting<Item, Result>[] = [];
    const skipped: Waiting<Item, Result>[] = [];
    let bytes = 0;
    let seen = 0;
    for (; seen < this.#waiting.length && taken.length < maxItems; seen++) {
      const waiting = this.#waiting[seen] as Waiting<Item, Result>;
      const size = sizeOf?.(waiting.item) ?? 0;
      const key = keyOf?.(waiting.item);
      if (taken.length > 0 && bytes + size > maxBytes) break;
      if (key !== undefined && keys.has(key)) {
        skipped.push(waiting);
        continue;
      }
      if (key !== undefined) keys.add(key);
      bytes += size;
      taken.push(waiting);
    }
    this.#waiting.splice(0, seen, ...skipped);
    // The request may also have taken items that were not due yet.
    this.#due = Math.min(Math.max(0, this.#due - taken.length), this.#waiting.length);
    return taken;
  }

  async #sendOne(batch: Waiting<Item, Result>[]): Promise<void> {
    this.#underWay.add(batch);
    try {
      const results = await this.#options.send(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#underWay.delete(batch);
      this.#pump();
    }
  }
}

/** Time for registered work after an interruption; milliseconds. */
const GRACE_MS = 5_000;
/** As shells count a process that a signal has ended: 128 and the signal's number. */
const CODES = { SIGINT: 130, SIGTERM: 143, SIGPIPE: 141 } as const;

/**
 * Handles Ctrl-C, SIGTERM and a closed output (`sluice ... | head`). The signal aborts, the registered work is done,
 * and the process ends with the exit code of a process that the signal killed.
 */
export class Interruption {
  readonly #abort = new AbortController();
  readonly #releases = new Set<() => Promise<unknown>>();
  #ending: Promise<void> | undefined;

  constructor() {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        // A second Ctrl-C does not wait.
        if (this.#ending) process.exit(CODES[name]);
        this.#end(name);
      });
    }
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
        this.#end('SIGPIPE');
      });
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  onInterrupt(release: () => Promise<unknown>): () => void {
    this.#releases.add(release);
    return () => this.#releases.delete(release);
  }

  /** Never resolves once interrupted: the process ends first, when the registered work is done. */
  ended(): Promise<void> {
    return this.#ending ?? Promise.resolve();
  }

  #end(name: keyof typeof CODES): void {
    this.#ending ??= this.#wind(name);
  }

  async #wind(name: keyof typeof CODES): Promise<void> {
    this.#abort.abort();
    const released = Promise.allSettled([...this.#releases].map((release) => release()));
    const grace = new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    await Promise.race([released, grace]);
    process.exit(CODES[name]);
  }
}

/** How long what must still happen may take; milliseconds. */
const GRACE_MS = 5_000;
/** As shells count a process that a signal has ended: 128 and the signal's number. */
const CODES = { SIGINT: 130, SIGTERM: 143, SIGPIPE: 141 } as const;

/**
 * What Ctrl-C, SIGTERM and a reader that has gone (`sluice ... | head`) do to this process: the signal aborts, what is
 * registered happens, and the process ends as one that the signal has killed.
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

  /** Resolves never: for a command that stopped because it was interrupted, while the releases still run. */
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

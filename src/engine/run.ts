/** One run of a handler: its slot, and a signal that costs nothing until somebody looks at it. */
export class Run {
  readonly slot: number;
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(slot: number) {
    this.slot = slot;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Why the run was aborted, if it was. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}

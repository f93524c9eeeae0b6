/** One run of a handler: its slot, and a signal that costs nothing until the handler reads it. */
export class Run {
  readonly slot: number;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #giveUp: ((error: Error) => void) | undefined;

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

  /** Why the run was aborted; undefined while it is not. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** The handler's result. Rejects earlier if the run is given up. */
  answerOf<Result>(result: PromiseLike<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      result.then(resolve, reject);
    });
  }

  /** Stops waiting for a handler that ignores its signal. A later result is ignored. */
  giveUp(error: Error): void {
    this.#giveUp?.(error);
  }

  abort(reason: Error): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}

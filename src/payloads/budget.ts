/** A number of bytes that those who hold some of them share. Who wants more than is left waits in line. */
export class Budget {
  readonly #total: number;
  #left: number;
  #waiting: { readonly bytes: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  #closed: (() => Error) | undefined;

  constructor(total: number) {
    this.#total = total;
    this.#left = total;
  }

  /** @param bytes more than there are at all counts as all. @returns gives the bytes back; a second call does nothing */
  async take(bytes: number): Promise<() => void> {
    const share = Math.min(bytes, this.#total);
    if (this.#closed) throw this.#closed();
    if (this.#waiting.length > 0 || share > this.#left) {
      await new Promise<void>((resolve, reject) => this.#waiting.push({ bytes: share, resolve, reject }));
    } else {
      this.#left -= share;
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#left += share;
      this.#serve();
    };
  }

  /** Whether somebody waits. */
  get isShort(): boolean {
    return this.#waiting.length > 0;
  }

  /** Rejects all that wait, and all later ones, each with an error of `makeError`. */
  close(makeError: () => Error): void {
    this.#closed = makeError;
    for (const { reject } of this.#waiting.splice(0)) reject(makeError());
  }

  /** In the order in which they asked, so that a large one is not passed by small ones for ever. */
  #serve(): void {
    for (let next = this.#waiting[0]; next && next.bytes <= this.#left; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#left -= next.bytes;
      next.resolve();
    }
  }
}

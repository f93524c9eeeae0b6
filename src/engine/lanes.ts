/** What the rest of a lane does after an item that was not acknowledged: it goes on, or is not started. */
export type AfterFailure = 'goOn' | 'stop';

/**
 * The order in which a batch's items may start: the first of each lane and every item without one, in their order; then each
 * that follows another, once that is done with. Items are named by their index.
 */
export class Lanes {
  #heads: number[] = [];
  #nextHead = 0;
  /** Who follows whom. */
  readonly #followers = new Map<number, number>();
  readonly #released: number[] = [];

  constructor(lanes: Iterable<string | undefined>) {
    const last = new Map<string, number>();
    let index = 0;
    for (const lane of lanes) {
      const before = lane === undefined ? undefined : last.get(lane);
      if (before === undefined) this.#heads.push(index);
      else this.#followers.set(before, index);
      if (lane !== undefined) last.set(lane, index);
      index += 1;
    }
  }

  /** Takes the next item that may start; undefined where none may now. */
  next(): number | undefined {
    return this.#released.pop() ?? this.#heads[this.#nextHead++];
  }

  /** The item is done with: whoever follows it may start. */
  release(index: number): void {
    const follower = this.cut(index);
    if (follower !== undefined) this.#released.push(follower);
  }

  /** Whoever follows the item is never handed out. @returns it, or undefined where nobody follows */
  cut(index: number): number | undefined {
    const follower = this.#followers.get(index);
    this.#followers.delete(index);
    return follower;
  }

  /** Puts others at the head of the line. @returns those that stood there and were not taken */
  replaceHeads(indices: number[]): number[] {
    const left = this.#heads.slice(this.#nextHead);
    this.#heads = indices;
    this.#nextHead = 0;
    return left;
  }
}

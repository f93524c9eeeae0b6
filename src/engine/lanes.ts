/** What the rest of a lane does after an item that was not acknowledged: it goes on, or it is not started. */
export type AfterFailure = 'goOn' | 'stop';

/**
 * The order in which a batch's items may start. The first item of each lane, and every item without a lane, start in
 * their order. A later item of a lane may start when the one before it is released; it then goes before items that have
 * not started. Items are named by their index.
 */
export class Lanes {
  #heads: number[] = [];
  #nextHead = 0;
  /** For an item, the next one in its lane. */
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

  /** Takes the next item that may start; undefined where none may start now. */
  next(): number | undefined {
    return this.#released.pop() ?? this.#heads[this.#nextHead++];
  }

  /** The item is finished: the next one in its lane may start. */
  release(index: number): void {
    const follower = this.cut(index);
    if (follower !== undefined) this.#released.push(follower);
  }

  /** The next item in the lane never starts. @returns that item, or undefined where there is none */
  cut(index: number): number | undefined {
    const follower = this.#followers.get(index);
    this.#followers.delete(index);
    return follower;
  }

  /** Puts other items first in the order. @returns the items that stood there and were not taken */
  replaceHeads(indices: number[]): number[] {
    const left = this.#heads.slice(this.#nextHead);
    this.#heads = indices;
    this.#nextHead = 0;
    return left;
  }
}

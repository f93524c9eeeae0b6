/** A source of numbers in [0, 1). The same seed gives the same sequence. */
export type Random = () => number;

/** Mulberry32, with 32 bits of state. That is enough to mix a demo, and not enough to keep a secret. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to `below - 1`. */
export function wholeNumber(random: Random, below: number): number {
  return Math.floor(random() * below);
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[wholeNumber(random, items.length)];
  if (item === undefined) throw new RangeError('There is nothing to pick from in an empty list.');
  return item;
}

/** Shuffles in place (Fisher-Yates). */
export function shuffle<Item>(random: Random, items: Item[]): Item[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = wholeNumber(random, last + 1);
    [items[last], items[other]] = [items[other] as Item, items[last] as Item];
  }
  return items;
}

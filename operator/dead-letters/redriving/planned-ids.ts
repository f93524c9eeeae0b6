import { hash } from 'node:crypto';

/** Words of 32 bits that stand for one id: 128 bits of SHA-256, so that two ids never meet. */
const WORDS = 4;
const MAX_LOAD = 0.7;

/** What a plan does with a letter; 0 marks an empty place. */
const CODES = { send: 1, drop: 2, settled: 3 } as const;
export type PlannedAction = 'send' | 'drop';

/**
 * Which letters a plan covers, at 17 bytes each before spare room: 100,000 take less than 5 MB. A hash table of its own,
 * since a Map of strings takes several times that.
 */
export class PlannedIds {
  #capacity = 1_024;
  #ids = new Uint32Array(this.#capacity * WORDS);
  #codes = new Uint8Array(this.#capacity);
  #size = 0;
  #settled = 0;

  get size(): number {
    return this.#size;
  }

  /** Letters that nothing has become of yet. */
  get open(): number {
    return this.#size - this.#settled;
  }

  set(messageId: string, action: PlannedAction | 'settled'): void {
    if (this.#size >= this.#capacity * MAX_LOAD) this.#grow();
    const id = wordsOf(messageId);
    const place = this.#placeOf(id);
    if (!this.#codes[place]) this.#size += 1;
    if (action === 'settled' && this.#codes[place] !== CODES.settled) this.#settled += 1;
    this.#ids.set(id, place * WORDS);
    this.#codes[place] = CODES[action];
  }

  /** Undefined where the plan does not cover the letter, or it was settled: it stays. */
  get(messageId: string): PlannedAction | undefined {
    const code = this.#codes[this.#placeOf(wordsOf(messageId))];
    return code === CODES.send ? 'send' : code === CODES.drop ? 'drop' : undefined;
  }

  /** Whether the plan covers the letter, settled or not. */
  has(messageId: string): boolean {
    return this.#codes[this.#placeOf(wordsOf(messageId))] !== 0;
  }

  /** Where the id is, or the empty place where it would go. */
  #placeOf(id: Uint32Array): number {
    let place = (id[0] as number) % this.#capacity;
    while (this.#codes[place] && !this.#holds(place, id)) place = (place + 1) % this.#capacity;
    return place;
  }

  #holds(place: number, id: Uint32Array): boolean {
    return id.every((word, i) => this.#ids[place * WORDS + i] === word);
  }

  #grow(): void {
    const ids = this.#ids;
    const codes = this.#codes;
    this.#capacity *= 2;
    this.#ids = new Uint32Array(this.#capacity * WORDS);
    this.#codes = new Uint8Array(this.#capacity);
    for (const [i, code] of codes.entries()) {
      if (!code) continue;
      const id = ids.subarray(i * WORDS, (i + 1) * WORDS);
      const place = this.#placeOf(id);
      this.#ids.set(id, place * WORDS);
      this.#codes[place] = code;
    }
  }
}

function wordsOf(messageId: string): Uint32Array {
  const digest = hash('sha256', messageId, 'buffer');
  return Uint32Array.from({ length: WORDS }, (_, i) => digest.readUInt32LE(i * 4));
}

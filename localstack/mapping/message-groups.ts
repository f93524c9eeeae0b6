import type { BufferedRecord } from './record.ts';

/** The message groups of a FIFO queue that are in a batch at the moment: no group may be in two. */
export class MessageGroups {
  readonly #inFlight = new Set<string>();

  /** Takes the groups of the records that are free, for one batch; the other records are in `taken`. */
  claim(records: readonly BufferedRecord[]): { free: BufferedRecord[]; taken: BufferedRecord[] } {
    const free = records.filter(({ groupId }) => groupId === undefined || !this.#inFlight.has(groupId));
    const taken = records.filter((record) => !free.includes(record));
    for (const { groupId } of free) if (groupId !== undefined) this.#inFlight.add(groupId);
    return { free, taken };
  }

  /** The batch with these records is done. */
  release(records: readonly BufferedRecord[]): void {
    for (const { groupId } of records) if (groupId !== undefined) this.#inFlight.delete(groupId);
  }
}

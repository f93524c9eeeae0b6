import type { BufferedRecord } from './record.ts';

/** The message groups of a FIFO queue that are in a batch now. No group may be in two batches. */
export class MessageGroups {
  readonly #inFlight = new Set<string>();

  /** Takes the free groups of the records for one batch. The records of the other groups are in `taken`. */
  claim(records: readonly BufferedRecord[]): { free: BufferedRecord[]; taken: BufferedRecord[] } {
    const free = records.filter(({ groupId }) => groupId === undefined || !this.#inFlight.has(groupId));
    const taken = records.filter((record) => !free.includes(record));
    for (const { groupId } of free) if (groupId !== undefined) this.#inFlight.add(groupId);
    return { free, taken };
  }

  /** The batch with these records is finished. */
  release(records: readonly BufferedRecord[]): void {
    for (const { groupId } of records) if (groupId !== undefined) this.#inFlight.delete(groupId);
  }
}

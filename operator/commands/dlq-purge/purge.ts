import type { ExportWriter, Sink } from '../../dead-letters/files/write-export.ts';
import type { Holding } from '../../dead-letters/reading/holding.ts';
import type { HeldLetter } from '../../dead-letters/reading/letter.ts';

/** Letters that are written and deleted together, so that they wait for the disk only once. */
const TOGETHER = 500;
const TOGETHER_CHARACTERS = 4_194_304;

/** What became of the letters that were to be deleted, each counted once. */
export interface Purged {
  deleted: number;
  /** They are still there, and in the export all the same. */
  readonly notDeleted: { readonly messageId: string; readonly why: string }[];
}

export interface PurgeOptions {
  /** Undefined where nothing is exported. */
  readonly archive: { readonly writer: ExportWriter; readonly sink: Sink } | undefined;
  readonly purged: Purged;
  onProgress?(deleted: number): void;
}

/** Deletes letters in large steps: export them, wait for the disk, delete. What could not be written is not deleted. */
export class Purge {
  readonly #options: PurgeOptions;
  #waiting: { queue: string; letter: HeldLetter }[] = [];
  #characters = 0;

  constructor(options: PurgeOptions) {
    this.#options = options;
  }

  /** @param atOnce deletes without waiting for company: on a FIFO queue the next of a group comes up only then */
  async add(queue: string, letters: readonly HeldLetter[], holding: Holding, atOnce: boolean): Promise<void> {
    for (const letter of letters) {
      this.#waiting.push({ queue, letter });
      this.#characters += letter.body.length;
    }
    if (atOnce || this.#waiting.length >= TOGETHER || this.#characters >= TOGETHER_CHARACTERS)
      await this.flush(holding);
  }

  /** Deletes what still waits; needed at the end of each queue. */
  async flush(holding: Holding): Promise<void> {
    const step = this.#waiting;
    this.#waiting = [];
    this.#characters = 0;
    if (step.length === 0) return;
    const { archive, purged, onProgress } = this.#options;
    await archive?.writer.add(step);
    await archive?.sink.sync();
    const refusals = await holding.delete(step.map(({ letter }) => letter));
    purged.deleted += step.length - refusals.length;
    purged.notDeleted.push(...refusals.map(({ letter, why }) => ({ messageId: letter.messageId, why })));
    onProgress?.(purged.deleted);
  }
}

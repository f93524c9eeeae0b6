import { open } from 'node:fs/promises';
import type { DeadLetter } from '../reading/letter.ts';
import { endLine, HEADER } from './export-format.ts';
import { toLine } from './letter-line.ts';

/** Where an export goes; `sync` returns once what was written survives a crash of the machine. */
export interface Sink {
  write(text: string): Promise<void>;
  sync(): Promise<void>;
}

/** Writes an export. Call `end` last; without it the file counts as cut short. */
export class ExportWriter {
  readonly #sink: Sink;
  #letters = 0;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  get letters(): number {
    return this.#letters;
  }

  begin(): Promise<void> {
    return this.#sink.write(`${HEADER}\n`);
  }

  async add(letters: readonly { readonly queue: string; readonly letter: DeadLetter }[]): Promise<void> {
    if (letters.length === 0) return;
    await this.#sink.write(letters.map(({ queue, letter }) => `${toLine(queue, letter)}\n`).join(''));
    this.#letters += letters.length;
  }

  async end(): Promise<void> {
    await this.#sink.write(`${endLine(this.#letters)}\n`);
    await this.#sink.sync();
  }
}

/** Only the owner may read it: letters hold personal data. */
const OWNERS_ONLY = 0o600;

/** A file that must not exist yet, for its owner only. @throws EEXIST where it does */
export async function createFile(path: string): Promise<Sink & AsyncDisposable> {
  const file = await open(path, 'wx', OWNERS_ONLY);
  return {
    write: (text) => file.appendFile(text),
    sync: () => file.sync(),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

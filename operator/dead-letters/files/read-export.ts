import type { FileHandle } from 'node:fs/promises';
import { oneLine } from '../../output/printable.ts';
import { END, endLine, HEADER } from './export-format.ts';
import { type ExportedLetter, fromLine } from './letter-line.ts';

const NEWLINE = 0x0a;
/** No line is longer: 1 MiB, each character of it escaped, and attributes in base64. */
const MAX_LINE = 16 * 1_048_576;

/** What is wrong with an export, and in which line. */
export class DamagedExport extends Error {
  override readonly name = 'DamagedExport';
}

export interface ReadOptions {
  /** Takes a file that was cut short: a last line without its end is left out. */
  readonly incomplete: boolean;
}

/** Reads an export letter by letter. @throws DamagedExport, which names the line */
export async function* readExport(
  file: FileHandle,
  { incomplete }: ReadOptions,
): AsyncGenerator<{ line: number; letter: ExportedLetter }> {
  let line = 0;
  let letters = 0;
  let ended = false;
  for await (const { text, whole } of linesOf(file)) {
    line += 1;
    if (ended) throw new DamagedExport(`line ${line}: there is something behind the end`);
    if (!whole && text !== endLine(letters)) break;
    if (line === 1) {
      if (text !== HEADER)
        throw new DamagedExport(`line 1: not an export of dead letters, which begins with ${HEADER}`);
      continue;
    }
    if (text.startsWith(END)) {
      if (text !== endLine(letters)) {
        throw new DamagedExport(
          `line ${line}: ${letters} letters are in the file, and its end says ${oneLine(text, 100)}`,
        );
      }
      ended = true;
      continue;
    }
    yield { line, letter: parse(text, line) };
    letters += 1;
  }
  if (!ended && !incomplete) {
    throw new DamagedExport(
      `the file was cut short in line ${line}: it has no end. With --incomplete, the ${letters} whole letters in it are taken`,
    );
  }
}

function parse(text: string, line: number): ExportedLetter {
  try {
    return fromLine(text);
  } catch (error) {
    throw new DamagedExport(`line ${line}: ${(error as Error).message}`);
  }
}

/** Lines end with a line feed only: readline would also split at U+2028 and U+2029, which JSON leaves in strings. */
async function* linesOf(file: FileHandle): AsyncGenerator<{ text: string; whole: boolean }> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest: Buffer[] = [];
  let line = 1;
  const decode = (bytes: Buffer): string => {
    try {
      return decoder.decode(bytes);
    } catch {
      throw new DamagedExport(`line ${line}: not UTF-8`);
    }
  };
  let length = 0;
  const chunks = file.createReadStream({ autoClose: false, start: 0 }) as AsyncIterable<Buffer>;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield { text: decode(Buffer.concat([...rest, chunk.subarray(start, end)])), whole: true };
      line += 1;
      rest = [];
      length = 0;
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE) throw new DamagedExport(`line ${line}: longer than any letter`);
  }
  if (length > 0) yield { text: Buffer.concat(rest).toString(), whole: false };
}

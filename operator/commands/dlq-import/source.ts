import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { CommandContext } from '../../command.ts';
import { DamagedExport, readExport } from '../../dead-letters/files/read-export.ts';
import { DataError, UsageError } from '../../ending/exit.ts';
import { oneLine } from '../../output/printable.ts';

/** The file is read twice, so standard input goes to a temporary file first. */
export async function openSource(name: string, { input }: CommandContext) {
  const folder = name === '-' ? await mkdtemp(path.join(tmpdir(), 'sluice-import-')) : undefined;
  const place = folder ? path.join(folder, 'import.jsonl') : name;
  if (folder) await pipeline(input, createWriteStream(place));
  const file = await open(place).catch((error: Error) => {
    throw new UsageError(`${name} cannot be read: ${error.message}`);
  });
  const { ino, mtimeNs, size } = await file.stat({ bigint: true });
  return {
    file,
    salt: `${ino} ${mtimeNs} ${size}`,
    async [Symbol.asyncDispose]() {
      await file.close();
      if (folder) await rm(folder, { recursive: true });
    },
  };
}

/** Reads the whole file first, so that nothing of a damaged file is sent. */
export async function checkAll(file: FileHandle, name: string, reading: { incomplete: boolean }) {
  const queues = new Set<string>();
  let letters = 0;
  try {
    for await (const { letter } of readExport(file, reading)) {
      queues.add(letter.queue);
      letters += 1;
    }
  } catch (error) {
    if (error instanceof DamagedExport) throw new DataError(oneLine(`${name}: ${error.message}. Nothing was sent`));
    throw error;
  }
  return { queues, letters };
}

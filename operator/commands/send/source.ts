import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import type { CommandContext } from '../../command.ts';
import { UsageError } from '../../ending/exit.ts';
import { type Line, linesOf } from './lines.ts';
import { samples } from './samples.ts';

/** Where the lines to send come from. */
export interface Source {
  /** What a problem is said to be in: a file's name, `standard input`, `sample`. */
  readonly name: string;
  /** Whether `lines` may be read twice: then all are checked before the first is sent. */
  readonly repeatable: boolean;
  lines(): AsyncIterable<Line>;
}

export interface SourceOptions {
  readonly file?: string;
  readonly count?: number;
  readonly body?: string;
}

/**
 * @param typeOfSamples asked where samples are made of a type, and of no body
 * @throws UsageError where there is nothing to read, or two things
 */
export async function sourceFrom(
  { file, count, body }: SourceOptions,
  typeOfSamples: () => Promise<string>,
  input: CommandContext['input'],
): Promise<Source> {
  if (body !== undefined && count === undefined) throw new UsageError('--body is what --count repeats: add --count 1');
  if (count !== undefined) {
    if (file !== undefined) throw new UsageError('pass either --file or --count');
    const template = body ?? (await samples.templateOf(await typeOfSamples()));
    const series = samples.newSeries();
    return { name: 'sample', repeatable: true, lines: () => samples.lines(template, count, series) };
  }
  if (file !== undefined && file !== '-') {
    await access(file, constants.R_OK).catch((error: Error) => {
      throw new UsageError(`cannot read --file: ${error.message}`);
    });
    return { name: file, repeatable: true, lines: () => linesOf(createReadStream(file)) };
  }
  if (input.isTTY) {
    throw new UsageError('nothing to send: add --count 10 or --file jobs.jsonl, or pipe lines of JSON into it');
  }
  return { name: 'standard input', repeatable: false, lines: () => linesOf(input) };
}

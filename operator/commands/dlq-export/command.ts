import { access, rename, rm } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { createFile, ExportWriter, type Sink } from '../../dead-letters/files/write-export.ts';
import { addFilterOptions, type FilterOptions } from '../../dead-letters/selecting/filter-options.ts';
import { leftOut, type Reading, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';
import { EXIT, UsageError } from '../../ending/exit.ts';
import { seeThrough } from '../../ending/see-through.ts';
import { toJson } from '../../output/json.ts';
import { oneLine } from '../../output/printable.ts';
import { counted } from '../../output/text.ts';

interface ExportOptions extends FilterOptions {
  readonly file: string;
  readonly force?: true;
}

const HELP = `
A line of JSON for each letter: its body and attributes byte for byte (binary
values in base64), its message group and trace header. Message ids,
deduplication ids and times are not in it: SQS gives new ones with each sending.
The letters stay where they are.

Exit code 1 when letters are left that were not handed out; what was is in the
file.

Examples:
  $ npx sluice dlq export --file dead.jsonl
  $ npx sluice dlq export --type webhook --file - | jq -r 'select(.body).body'
  $ npx sluice dlq import --file dead.jsonl`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  addFilterOptions(parent.command('export'))
    .description('write dead letters to a file, nothing lost, byte for byte')
    .requiredOption('--file <path>', 'where to; - is standard output')
    .option('--force', 'replace the file if it is there')
    .addHelpText('after', HELP)
    .action((options: ExportOptions, command: Command) => exportTo(options, context(command)));
}

async function exportTo(options: ExportOptions, context: CommandContext): Promise<void> {
  const { file, force } = options;
  const toStandardOutput = file === '-';
  if (toStandardOutput && context.json) throw new UsageError('--json and --file - both want standard output: drop one');
  if (!toStandardOutput && !force && (await exists(file))) {
    throw new UsageError(`${file} is there already: pass another name, or --force to replace it`);
  }
  const { letters, readings } = toStandardOutput
    ? await write(streamSink(context.out.stream), options, context)
    : await seeThrough(context, writeAndRename(file, options, context));
  const missing = leftOut(readings);
  if (context.json) context.out.write(toJson({ file, letters, complete: missing.length === 0, queues: readings }));
  else {
    const where = toStandardOutput ? 'standard output' : oneLine(file);
    const lines = [
      `${counted(letters, 'dead letter')} written to ${where}`,
      ...missing.map((line) => `not all: ${line}`),
    ];
    (toStandardOutput ? context.err : context.out).write(`${lines.join('\n')}\n`);
  }
  if (missing.length > 0) context.exit(EXIT.data);
}

/** Writes under another name and renames at the end, so that nobody reads half an export. */
async function writeAndRename(file: string, options: ExportOptions, context: CommandContext) {
  const unfinished = `${file}.${process.pid}.unfinished`;
  try {
    await using sink = await createFile(unfinished);
    const written = await write(sink, options, context);
    await rename(unfinished, file);
    return written;
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function write(
  sink: Sink,
  options: FilterOptions,
  context: CommandContext,
): Promise<{ letters: number; readings: Reading[] }> {
  const writer = new ExportWriter(sink);
  await writer.begin();
  const readings = await readDeadLetters(context, options, async (found) => {
    await writer.add(found.map(({ queue, letter }) => ({ queue: queue.name, letter })));
    return false;
  });
  await writer.end();
  return { letters: writer.letters, readings };
}

function streamSink(stream: NodeJS.WriteStream): Sink {
  return {
    write: (text) =>
      new Promise((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve()))),
    sync: async () => {},
  };
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

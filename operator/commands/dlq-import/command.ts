import { createWriteStream } from 'node:fs';
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { DamagedExport, readExport } from '../../dead-letters/files/export-file.ts';
import { type Destination, type Imported, importLetters } from '../../dead-letters/files/import.ts';
import { DataError, EXIT, UsageError } from '../../ending/exit.ts';
import { seeThrough } from '../../ending/see-through.ts';
import { toJson } from '../../output/json.ts';
import { oneLine } from '../../output/printable.ts';
import { startProgress } from '../../output/progress.ts';
import { counted } from '../../output/text.ts';
import { selectDeadLetterQueues, selectQueues } from '../../stage/select-queues.ts';
import { senderTo } from '../../stage/sender.ts';
import type { Stage } from '../../stage/stage.ts';

interface ImportOptions {
  readonly file: string;
  readonly to?: string;
  readonly incomplete?: true;
}

const HELP = `
Each letter goes to the dead-letter queue of the queue it came from. The whole
file is read and checked first: a damaged one is refused with the line, and
nothing is sent.

Importing twice makes each letter twice on a standard queue (the ledger makes
the double harmless when it is redriven); a FIFO queue swallows the second
import of the same file within five minutes. Exit code 1 when a letter was not
sent.

Examples:
  $ npx sluice dlq import --file dead.jsonl
  $ npx sluice dlq import --file dead.jsonl --to jobs-canary
  $ gunzip -c dead.jsonl.gz | npx sluice dlq import --file -`;

/** Lines that are named one by one, at most; all of them are in the JSON. */
const LINES_NAMED = 10;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  parent
    .command('import')
    .description('send the dead letters of an export to their dead-letter queues')
    .requiredOption('--file <path>', 'what `dlq export` or `dlq purge` wrote; - is standard input')
    .option('--to <queue>', 'send all of them to this queue: a name or URL, a DLQ by its full name')
    .option('--incomplete', 'take a file that was cut short, as far as it goes')
    .addHelpText('after', HELP)
    .action((options: ImportOptions, command: Command) => {
      const given = context(command);
      // After Ctrl-C the summary of what was sent is still printed.
      return seeThrough(given, importFrom(options, given));
    });
}

async function importFrom(options: ImportOptions, context: CommandContext): Promise<void> {
  await using source = await openSource(options.file, context);
  const reading = { incomplete: options.incomplete ?? false };
  const { queues, letters } = await checkAll(source.file, options.file, reading);
  const stage = await context.stage();
  const destinations = await destinationsOf(stage, queues, options.to);
  const senders = new Map<string, ReturnType<typeof senderTo>>();
  const progress = startProgress(context.err, 'Sending', letters);
  const imported = await importLetters(readExport(source.file, reading), {
    destination: (queue) => destinations.get(queue) as Destination,
    send(url, message) {
      const sender = senders.get(url) ?? senderTo(stage.sqs, url);
      senders.set(url, sender);
      return sender(message);
    },
    salt: source.salt,
    signal: context.signal,
    onProgress: (done) => progress.update(done),
  }).finally(() => progress.stop());
  context.out.write(context.json ? toJson({ letters, ...imported }) : summary(letters, imported, options));
  if (imported.sent < letters) context.exit(EXIT.data);
}

/** Reads the whole file first, so that nothing of a damaged file is sent. */
async function checkAll(file: FileHandle, name: string, reading: { incomplete: boolean }) {
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

async function destinationsOf(
  stage: Stage,
  queues: ReadonlySet<string>,
  to: string | undefined,
): Promise<Map<string, Destination>> {
  const one = to === undefined ? undefined : await destinationCalled(stage, to);
  const found = [...queues].map(async (queue): Promise<[string, Destination]> => {
    if (one) return [queue, one];
    const [{ deadLetters, fifo } = NONE] = await selectDeadLetterQueues(stage, queue);
    return [queue, { url: deadLetters.url, fifo }];
  });
  return new Map(await Promise.all(found));
}

const NONE = { deadLetters: { url: '' }, fifo: false };

/** The queue itself, or its dead-letter queue where that is what was named. */
async function destinationCalled(stage: Stage, wanted: string): Promise<Destination> {
  const [queue] = await selectQueues(stage, wanted);
  if (!queue) throw new UsageError(`there is no queue ${wanted}`);
  const { deadLetters, fifo, url } = queue;
  const meansDead = deadLetters && (deadLetters.url === wanted || deadLetters.arn.endsWith(`:${wanted}`));
  return { url: meansDead ? deadLetters.url : url, fifo };
}

/** The file is read twice, so standard input goes to a temporary file first. */
async function openSource(name: string, { input }: CommandContext) {
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

function summary(letters: number, { sent, refused, unanswered, heldBack }: Imported, { file }: ImportOptions): string {
  const named = (what: string, lines: Imported['refused']) => [
    ...lines.slice(0, LINES_NAMED).map(({ line, why }) => oneLine(`line ${line} ${what}: ${why}`)),
    ...(lines.length > LINES_NAMED ? [`and ${counted(lines.length - LINES_NAMED, 'more line')} ${what}`] : []),
  ];
  return [
    `${counted(sent, 'letter')} of ${letters} sent from ${oneLine(file)}`,
    ...named('refused by SQS', refused),
    ...named('unanswered, perhaps sent', unanswered),
    ...(heldBack.length > 0
      ? [`${counted(heldBack.length, 'letter')} held back: one before it in its group was not sent`]
      : []),
    ...(sent > 0 ? ['Next: npx sluice dlq list'] : []),
    '',
  ].join('\n');
}

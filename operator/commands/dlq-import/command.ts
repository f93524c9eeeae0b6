import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { type Destination, importLetters } from '../../dead-letters/files/import.ts';
import { readExport } from '../../dead-letters/files/read-export.ts';
import { EXIT } from '../../ending/exit.ts';
import { seeThrough } from '../../ending/see-through.ts';
import { toJson } from '../../output/json.ts';
import { startProgress } from '../../output/progress.ts';
import { senderTo } from '../../stage/sender.ts';
import { destinationsOf } from './destinations.ts';
import { checkAll, openSource } from './source.ts';
import { summary } from './summary.ts';

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
  context.out.write(context.json ? toJson({ letters, ...imported }) : summary(letters, imported, options.file));
  if (imported.sent < letters) context.exit(EXIT.data);
}

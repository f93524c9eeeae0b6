import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../../command.ts';
import { EXIT } from '../../ending/exit.ts';
import { toJson, toJsonLine } from '../../output/json.ts';
import { stylesFor } from '../../output/style.ts';
import { moment } from '../../output/times.ts';
import { queuesLine } from '../../stage/queues-line.ts';
import { selectQueues } from '../../stage/select-queues.ts';
import { problemsOf, type QueueReport, reportQueues } from './report.ts';
import { queuesTable } from './view.ts';
import { watch } from './watch.ts';

const DEFAULT_SECONDS = 2;

const EXAMPLES = `
Counts are SQS's own, approximate, and may lag by a minute. "oldest" is the age
of the oldest message that waits, from CloudWatch; the embedded cloud has no
metrics and shows "-". "dead" counts the queue's DLQ.

Examples:
  $ npx sluice queues
  $ npx sluice queues --watch
  $ npx sluice queues --watch 30 --stage prod >> queues.log
  $ npx sluice queues --check || echo "somebody should look"
  $ npx sluice queues --json | jq '.[].deadLetters.waiting'`;

interface QueuesOptions {
  readonly queue?: string;
  readonly watch?: number | true;
  readonly check?: true;
}

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  parent
    .command('queues')
    .description('all queues of the stage: depth, dead letters, consumers')
    .option('--queue <name|url>', 'only this one')
    .addOption(
      new Option('--watch [seconds]', `look again every few seconds, ${DEFAULT_SECONDS} unless told`).argParser(
        seconds,
      ),
    )
    .addOption(
      new Option('--check', 'end with 1 where there are dead letters or a disabled consumer').conflicts('watch'),
    )
    .addHelpText('after', EXAMPLES)
    .action((options: QueuesOptions, command: Command) => showQueues(options, context(command)));
}

async function showQueues({ queue, watch: interval, check }: QueuesOptions, context: CommandContext): Promise<void> {
  const stage = await context.stage();
  const queues = await selectQueues(stage, queue);
  const onNoAges = noAges(context.err);
  const read = () => reportQueues(stage, queues, onNoAges);
  if (interval !== undefined) return keepShowing(interval === true ? DEFAULT_SECONDS : interval, read, context);
  const reports = await read();
  context.out.write(context.json ? toJson(reports) : `${queuesTable(reports, stylesFor(context.out.stream))}\n`);
  const problems = check ? reports.flatMap(problemsOf) : [];
  for (const problem of problems) context.err.write(`${problem}\n`);
  if (problems.length > 0) context.exit(EXIT.data);
}

function keepShowing(
  interval: number,
  read: () => Promise<QueueReport[]>,
  { out, json, signal }: CommandContext,
): Promise<never> {
  const styles = stylesFor(out.stream);
  return watch(out, interval * 1000, signal, async () => {
    const reports = await read();
    const at = moment(Date.now());
    if (json) return toJsonLine({ at: new Date().toISOString(), queues: reports });
    if (!out.stream.isTTY) return `${at}  ${queuesLine(reports)}\n`;
    return `${queuesTable(reports, styles)}\n${styles.faint(`${at}, every ${interval} s; Ctrl-C ends`)}\n`;
  });
}

/** Says it once. */
function noAges(err: CommandContext['err']): (error: Error) => void {
  let said = false;
  return ({ message }) => {
    if (!said) err.write(`No ages of the oldest messages, since CloudWatch answered: ${message}\n`);
    said = true;
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 1 && value <= 86_400)) throw new InvalidArgumentError('Write a number of seconds from 1 to 86400.');
  return value;
}

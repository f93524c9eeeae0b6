import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../../command.ts';
import { EXIT, UsageError } from '../../ending/exit.ts';
import { refusedCount } from './deliver.ts';
import { destinationOf } from './destination.ts';
import type { Rules } from './outgoing.ts';
import { sendAll } from './send-all.ts';
import { type SourceOptions, sourceFrom } from './source.ts';

const EXAMPLES = `
One job a line, as JSON. Each is checked against the schema of its type first;
of a file or of samples all are checked before the first is sent, of standard
input each as it comes. In --body {n} stands for 1, 2, 3, ... and {id} for a
fresh job id. A line that is too large for its queue goes to S3, where the
queue takes payloads from there. Ends with 1 where a line was invalid or SQS
refused a message.

Examples:
  $ npx sluice send --count 100
  $ npx sluice send --file jobs.jsonl
  $ echo '{"job_id": "some-job-id", "value": 42}' | npx sluice send
  $ npx sluice send webhook --count 3 \\
      --body '{"job_id": "{id}", "url": "https://example.com", "payload": {n}}'
  $ echo 'not json' | npx sluice send --unchecked
  $ npx sluice send --file a.jsonl --queue orders.fifo --group-field customer_id
  $ npx sluice send --topic orders --count 10`;

interface SendOptions extends SourceOptions {
  readonly queue?: string;
  readonly topic?: string;
  readonly group?: string;
  readonly groupField?: string;
  readonly skipInvalid?: boolean;
  readonly unchecked?: true;
  readonly dryRun?: boolean;
}

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  parent
    .command('send')
    .description('check jobs against their schema and send them')
    .argument('[type]', 'what every job must be; without it each line says its own, "triple" where it names none')
    .option('--file <path>', 'jobs, one a line; "-" is standard input, which is also read without it')
    .addOption(new Option('--count <n>', 'send this many sample jobs of the type').argParser(wholeNumber))
    .option('--body <template>', 'with --count: what a sample looks like, with {n} and {id}')
    .option('--queue <name|url>', 'where to; default: the only queue, or the one named jobs')
    .option('--topic <name|arn>', 'publish to a topic instead; checked against what each of its consumers takes')
    .option('--group <id>', "every message's group (FIFO) or tenant (fair queue)")
    .option('--group-field <field>', "the job's field that holds its group or tenant")
    .option('--skip-invalid', 'send the valid lines although there are invalid ones')
    .option('--unchecked', 'send lines as they are, valid or not: for poison messages')
    .option('--dry-run', 'check only, send nothing')
    .addHelpText('after', EXAMPLES)
    .action((type: string | undefined, options: SendOptions, command: Command) =>
      send(type, options, context(command)),
    );
}

async function send(type: string | undefined, options: SendOptions, context: CommandContext): Promise<void> {
  const { jobs } = await import('#all-jobs');
  const names = [...jobs.keys()].join(', ');
  if (type !== undefined && !jobs.has(type)) {
    throw new UsageError(`there is no job type "${type}"; there are: ${names}`);
  }
  if (type !== undefined && options.topic !== undefined) {
    throw new UsageError('leave the job type out: each consumer of a topic has one of its own');
  }
  const typeOfSamples = async () => {
    const { consumers } = await destinationOf(await context.stage(), options);
    const used = type ?? consumers.values().next().value?.defaultType;
    if (used !== undefined) return used;
    throw new UsageError(`the queue has no default type: name the job type, one of ${names}`);
  };
  const source = await sourceFrom(options, typeOfSamples, context.input);
  const stage = await context.stage();
  const destination = await destinationOf(stage, options);
  const { group, groupField } = options;
  if (destination.fifo && group === undefined && groupField === undefined) {
    throw new UsageError(`${destination.name} is a FIFO queue: pass --group, or --group-field for a field of each job`);
  }
  const rules: Rules = {
    consumers: destination.consumers,
    type,
    fifo: destination.fifo,
    unchecked: options.unchecked ?? false,
    ...(group !== undefined && { group }),
    ...(groupField !== undefined && { groupField }),
  };
  const sending = sendAll(source, rules, destination, options, context);
  const done = context.onInterrupt(() => sending);
  const summary = await sending.finally(done);
  if (summary.invalid.count > 0 || refusedCount(summary.delivery) > 0) context.exit(EXIT.data);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number from 1.');
  return value;
}

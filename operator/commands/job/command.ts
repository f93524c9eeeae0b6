import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { EXIT, UsageError } from '../../ending/exit.ts';
import { toJson } from '../../output/json.ts';
import { shellCommand } from '../../output/shell.ts';
import { queueDepth } from '../../stage/depth.ts';
import { findLetters } from './found-letter.ts';
import { knownJob } from './known-job.ts';
import { jobText, lettersText, unknownText } from './view.ts';

const EXAMPLES = `
The ledger knows jobs that have a result, and jobs of types that claim a lease
before they run. Any other job is on its queue, or dead: --search looks through
all dead letters, which adds one to their receive counts. Ends with 1 where the
job is not known.

Examples:
  $ npx sluice job some-job-id
  $ npx sluice job some-job-id --search
  $ npx sluice job some-job-id --json | jq .job.result`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  parent
    .command('job')
    .description('what is known about a job: state, result, attempts, where it is')
    .argument('<id>', 'the job\'s idempotency key: its "job_id"')
    .option('--search', 'look through the dead letters as well')
    .addHelpText('after', EXAMPLES)
    .action((id: string, { search }: { search?: true }, command: Command) =>
      showJob(id, search ?? false, context(command)),
    );
}

async function showJob(id: string, search: boolean, context: CommandContext): Promise<void> {
  if (id === '') throw new UsageError('a job id has at least one character');
  const stage = await context.stage();
  const now = Date.now();
  const records = await Promise.all([stage.ledger, ...stage.ledgers.values()].map((ledger) => ledger.describe(id)));
  const record = records.find((each) => each !== undefined);
  const job = record && knownJob(id, record, now);
  const letters = search ? await findLetters(context, id) : undefined;
  const isKnown = (job !== undefined && job.state !== 'expired') || (letters !== undefined && letters.length > 0);
  if (!isKnown) context.exit(EXIT.data);
  if (context.json) {
    context.out.write(toJson({ jobId: id, job: job ?? null, ...(letters && { deadLetters: letters }) }));
    return;
  }
  const depths = isKnown ? [] : await Promise.all(stage.queues.map((queue) => queueDepth(stage.sqs, queue)));
  const parts = [
    ...(job ? [jobText(job, now)] : []),
    ...(letters && letters.length > 0 ? [lettersText(letters)] : []),
    ...(!job && !isKnown ? [unknownText(id, stage.tableName, depths, search)] : []),
    ...next(job?.state, letters?.[0]?.messageId, search),
  ];
  context.out.write(`${parts.join('\n')}\n`);
}

/** The command that leads on; none for a job that is done. */
function next(state: string | undefined, messageId: string | undefined, searched: boolean): string[] {
  const command = messageId === undefined ? undefined : shellCommand(['npx', 'sluice', 'dlq', 'show', messageId]);
  if (command) return [`Next: ${command}`];
  return searched || state === 'done' || state === 'running' ? [] : ['Next: the same with --search'];
}

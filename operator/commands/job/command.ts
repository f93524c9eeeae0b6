import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { EXIT, UsageError } from '../../ending/exit.ts';
import { toJson } from '../../output/json.ts';
import { shellCommand } from '../../output/shell.ts';
import { queueDepth } from '../../stage/depth.ts';
import { type FoundJob, findJobs } from './found-job.ts';
import { findLetters } from './found-letter.ts';
import { jobText, lettersText, notBegunText, unknownText } from './view.ts';

const EXAMPLES = `
The ledger knows jobs that have a result, and jobs of types that claim a lease
before they run. Any other job is on its queue, or dead: --search looks through
all dead letters, which adds one to their receive counts. Ends with 1 where the
job is not known.

An id may be a job of several types: of the steps of a chain, or of consumers
that each have their own namespace. All are shown, steps in their order.

Examples:
  $ npx sluice job some-job-id
  $ npx sluice job some-job-id --search
  $ npx sluice job some-job-id --json | jq .job.result`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  parent
    .command('job')
    .description('what is known about a job: state, result, attempts, where it is')
    .argument('<id>', 'the job\'s id: its "job_id" or "order_id", or the key that the ledger has')
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
  const found = await findJobs(id, [stage.ledger, ...stage.ledgers.values()], now);
  const jobs = found.flatMap(({ job }) => job ?? []);
  const letters = search ? await findLetters(context, id) : undefined;
  const isKnown = jobs.some(({ state }) => state !== 'expired') || (letters !== undefined && letters.length > 0);
  if (!isKnown) context.exit(EXIT.data);
  if (context.json) {
    const [job = null] = jobs;
    context.out.write(toJson({ jobId: id, job, jobs, ...(letters && { deadLetters: letters }) }));
    return;
  }
  const depths = isKnown ? [] : await Promise.all(stage.queues.map((queue) => queueDepth(stage.sqs, queue)));
  const parts = [
    found.map((each) => foundText(each, now)).join('\n\n'),
    ...(letters && letters.length > 0 ? [lettersText(letters)] : []),
    ...(jobs.length === 0 && !isKnown ? [unknownText(id, stage.tableName, depths, search)] : []),
    ...next(found, letters?.[0]?.messageId, search),
  ];
  context.out.write(`${parts.filter((part) => part !== '').join('\n')}\n`);
}

function foundText({ place, job }: FoundJob, now: number): string {
  return job ? jobText(job, now, place.next) : notBegunText(place.key, place.queue ?? '');
}

/** The command that leads on; none for a job that is done, in each of its steps. */
function next(found: readonly FoundJob[], messageId: string | undefined, searched: boolean): string[] {
  const command = messageId === undefined ? undefined : shellCommand(['npx', 'sluice', 'dlq', 'show', messageId]);
  if (command) return [`Next: ${command}`];
  const goesOn = found.length > 0 && found.every(({ job }) => job?.state === 'done' || job?.state === 'running');
  return searched || goesOn ? [] : ['Next: the same with --search'];
}

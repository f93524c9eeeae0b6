import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { createFile, ExportWriter } from '../../dead-letters/files/write-export.ts';
import type { Holding } from '../../dead-letters/reading/holding.ts';
import { addFilterOptions, type FilterOptions } from '../../dead-letters/selecting/filter-options.ts';
import { type Found, type Reading, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';
import { UsageError } from '../../ending/exit.ts';
import { seeThrough } from '../../ending/see-through.ts';
import { confirm } from '../../output/confirm.ts';
import { toJson } from '../../output/json.ts';
import { Printer } from '../../output/printer.ts';
import { startProgress } from '../../output/progress.ts';
import { counted } from '../../output/text.ts';
import { tell } from './ending.ts';
import { makePlan, type PurgePlan, planJson, showPlan } from './plan.ts';
import { Purge, type Purged } from './purge.ts';

interface PurgeOptions extends FilterOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  /** False: `--no-export`. */
  readonly export?: string | false;
}

const HELP = `
Plans, shows the plan, asks, and then deletes what the plan showed; what came in
since stays. Each letter is on the disk before it is deleted: in
dead-letters-<stage>-<time>.jsonl, or where --export says. On a FIFO queue,
whose groups show their heads only, it deletes head by head whatever the filters
mean. The notice of a message that blocks its group stays: see dlq decide.

Exit code 1 when a letter of the plan was not deleted.

Examples:
  $ npx sluice dlq purge --older-than 7d --dry-run
  $ npx sluice dlq purge --fingerprint abcDEF-12345 --yes
  $ npx sluice dlq purge --queue jobs --export purged.jsonl --yes`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  addFilterOptions(parent.command('purge'))
    .description('delete dead letters, exporting them first')
    .option('--export <file>', 'where the letters go before they are deleted')
    .option('--no-export', 'delete them for good')
    .option('--dry-run', 'show the plan, and delete nothing')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', HELP)
    .action((options: PurgeOptions, command: Command) => purge(options, context(command)));
}

async function purge(options: PurgeOptions, context: CommandContext): Promise<void> {
  const plan = await makePlan(options, context);
  if (!context.json) showPlan(plan, context);
  if (options.dryRun || plan.letters === 0) {
    if (context.json) context.out.write(toJson({ plan: planJson(plan), applied: false }));
    return;
  }
  if (!options.yes && !(await confirm(context, `Delete ${counted(plan.letters, 'dead letter')}`))) {
    context.err.write('Nothing was deleted.\n');
    return;
  }
  // After Ctrl-C the export is still completed, and what was deleted is still printed.
  await seeThrough(context, apply(plan, options, context));
}

async function apply(plan: PurgePlan, options: PurgeOptions, context: CommandContext): Promise<void> {
  const stage = await context.stage();
  const file = options.export === false ? undefined : (options.export ?? fileName(stage.name, new Date()));
  const purged: Purged = { deleted: 0, notDeleted: [] };
  let readings: readonly Reading[] = [];
  try {
    readings = await exportAndDelete(file, plan, purged, options, context);
  } finally {
    tell({ plan, purged, readings, file }, context);
  }
}

async function exportAndDelete(
  file: string | undefined,
  plan: PurgePlan,
  purged: Purged,
  options: PurgeOptions,
  context: CommandContext,
): Promise<Reading[]> {
  await using sink = file === undefined ? undefined : await createFile(file).catch(refuseToReplace(file));
  const archive = sink && { sink, writer: new ExportWriter(sink) };
  const progress = startProgress(context.err, 'Deleting', plan.letters);
  const work = new Purge({ archive, purged, onProgress: (deleted) => progress.update(deleted) });
  const isMeant = ({ queue, letter }: Found) =>
    !letter.reason?.blocks && (queue.fifo || plan.ids.has(letter.messageId));
  try {
    await archive?.writer.begin();
    const visit = async (found: readonly Found[], holding: Holding): Promise<boolean> => {
      const [first] = found;
      const letters = found.filter(isMeant).map(({ letter }) => letter);
      if (first) await work.add(first.queue.name, letters, holding, first.queue.fifo);
      return false;
    };
    return await readDeadLetters({ ...context, err: QUIET }, options, visit, (holding) => work.flush(holding));
  } finally {
    progress.stop();
    await archive?.writer.end();
  }
}

/** Hides the bar of the reading: the deleting shows its own. */
const QUIET = new Printer({ isTTY: false } as NodeJS.WriteStream);

function refuseToReplace(file: string): (error: NodeJS.ErrnoException) => never {
  return ({ code, message }) => {
    const why = code === 'EEXIST' ? 'is there already' : `cannot be written (${message})`;
    throw new UsageError(`${file} ${why}: pass another name with --export. Nothing was deleted`);
  };
}

/** In UTC, and without the colons that some file systems refuse. */
function fileName(stage: string, now: Date): string {
  return `dead-letters-${stage}-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.jsonl`;
}

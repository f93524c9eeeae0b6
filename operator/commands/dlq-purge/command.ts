import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { type Group, Groups } from '../../dead-letters/diagnosis/groups.ts';
import { createFile, ExportWriter } from '../../dead-letters/files/export-file.ts';
import type { Holding } from '../../dead-letters/reading/holding.ts';
import { addFilterOptions, type FilterOptions } from '../../dead-letters/selecting/filter-options.ts';
import { type Found, leftOut, type Reading, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';
import { groupLines } from '../../dead-letters/showing/group-lines.ts';
import { EXIT, UsageError } from '../../ending/exit.ts';
import { seeThrough } from '../../ending/see-through.ts';
import { confirm } from '../../output/confirm.ts';
import { toJson } from '../../output/json.ts';
import { oneLine } from '../../output/printable.ts';
import { Printer } from '../../output/printer.ts';
import { startProgress } from '../../output/progress.ts';
import { shellCommand } from '../../output/shell.ts';
import { stylesFor } from '../../output/style.ts';
import { counted } from '../../output/text.ts';
import { Purge, type Purged } from './purge.ts';

interface PurgeOptions extends FilterOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  /** False: `--no-export`. */
  readonly export?: string | false;
}

interface PurgePlan {
  readonly groups: readonly Group[];
  readonly readings: readonly Reading[];
  readonly ids: ReadonlySet<string>;
  readonly letters: number;
}

const HELP = `
Plans, shows the plan, asks, and then deletes what the plan showed; what came in
since stays. Each letter is on the disk before it is deleted: in
dead-letters-<stage>-<time>.jsonl, or where --export says. On a FIFO queue,
whose groups show their heads only, it deletes head by head whatever the filters
mean.

Exit code 1 when a letter of the plan was not deleted.

Examples:
  $ npx sluice dlq purge --older-than 7d --dry-run
  $ npx sluice dlq purge --fingerprint abcDEF-12345 --yes
  $ npx sluice dlq purge --queue jobs --export purged.jsonl --yes`;

/** Letters that are named one by one, at most; all of them are in the JSON. */
const NAMED = 10;

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

async function makePlan(options: PurgeOptions, context: CommandContext): Promise<PurgePlan> {
  const groups = new Groups();
  const ids = new Set<string>();
  const readings = await readDeadLetters(context, options, (found) => {
    for (const { queue, letter, diagnosis } of found) {
      groups.add(queue.name, letter, diagnosis);
      ids.add(letter.messageId);
    }
    return false;
  });
  return { groups: groups.list(), readings, ids, letters: ids.size };
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
  const isMeant = ({ queue, letter }: Found) => queue.fifo || plan.ids.has(letter.messageId);
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

function showPlan({ groups, readings, letters }: PurgePlan, { err, out, json }: CommandContext): void {
  if (json) return;
  const styles = stylesFor(out.stream);
  const parts = readings.flatMap(({ queue }) => {
    const mine = groups.filter((group) => group.queue === queue);
    return mine.length > 0 ? [`${styles.heading(queue)}\n${groupLines(mine, styles, Date.now())}`] : [];
  });
  const plan = letters === 0 ? 'No dead letter is meant.' : `To delete: ${counted(letters, 'dead letter')}`;
  out.write(`${[...parts, plan].join('\n\n')}\n`);
  for (const line of leftOut(readings)) err.write(`${line}\n`);
}

function planJson({ groups, readings, letters }: PurgePlan): object {
  return { letters, groups, queues: readings };
}

interface Ending {
  readonly plan: PurgePlan;
  readonly purged: Purged;
  readonly readings: readonly Reading[];
  readonly file: string | undefined;
}

function tell({ plan, purged, readings, file }: Ending, context: CommandContext): void {
  const { deleted, notDeleted } = purged;
  const gone = Math.max(0, plan.letters - deleted - notDeleted.length);
  if (gone + notDeleted.length > 0) context.exit(EXIT.data);
  if (context.json) {
    const result = { deleted, notDeleted, notSeenAgain: gone, file: file ?? null, queues: readings };
    context.out.write(toJson({ plan: planJson(plan), applied: true, result }));
    return;
  }
  const back = file && shellCommand(['npx', 'sluice', 'dlq', 'import', '--file', file]);
  const lines = [
    `${counted(deleted, 'dead letter')} deleted${file ? `, exported to ${oneLine(file)}` : ''}`,
    ...notDeleted.slice(0, NAMED).map(({ messageId, why }) => oneLine(`not deleted: ${messageId}: ${why}`)),
    ...(notDeleted.length > NAMED ? [`and ${counted(notDeleted.length - NAMED, 'more')} not deleted`] : []),
    ...(gone > 0 ? [`${counted(gone, 'letter')} of the plan not deleted: not handed out again; run it again`] : []),
    ...(back ? [`To bring them back: ${back}`] : []),
  ];
  context.out.write(`${lines.join('\n')}\n`);
}

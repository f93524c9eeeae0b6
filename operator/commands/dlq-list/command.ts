import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { type Group, Groups } from '../../dead-letters/diagnosis/groups.ts';
import { addFilterOptions, type FilterOptions } from '../../dead-letters/selecting/filter-options.ts';
import { leftOut, type Reading, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';
import { groupLines } from '../../dead-letters/showing/group-lines.ts';
import { toJson } from '../../output/json.ts';
import { shellCommand } from '../../output/shell.ts';
import { type Styles, stylesFor } from '../../output/style.ts';
import { counted } from '../../output/text.ts';

const HELP = `
A letter that SQS moved has no reason: its class is concluded from the ledger,
its receives and its age, and marked with an asterisk.

Looking hides letters from other consumers until the command ends (a minute or
so longer if it is killed), and adds one to each letter's receive count, which
matters only where the dead-letter queue has a redrive policy of its own.

Examples:
  $ npx sluice dlq list
  $ npx sluice dlq list --type webhook --newer-than 2h
  $ npx sluice dlq list --where 'customer.tier=gold' --where 'value>10'
  $ npx sluice dlq list --json | jq '.groups[0].example'`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  addFilterOptions(parent.command('list'))
    .description('dead letters, grouped by queue, error and type')
    .addHelpText('after', HELP)
    .action((options: FilterOptions, command: Command) => list(options, context(command)));
}

async function list(options: FilterOptions, context: CommandContext): Promise<void> {
  const groups = new Groups();
  const readings = await readDeadLetters(context, options, (found) => {
    for (const { queue, letter, diagnosis } of found) groups.add(queue.name, letter, diagnosis);
    return false;
  });
  const listed = groups.list();
  context.out.write(
    context.json ? toJson({ groups: listed.map(dated), queues: readings }) : show(listed, readings, context),
  );
}

/** Dates as everywhere else in JSON: ISO 8601, UTC. */
function dated({ firstSeen, lastSeen, ...group }: Group): object {
  return { ...group, firstSeen: new Date(firstSeen).toISOString(), lastSeen: new Date(lastSeen).toISOString() };
}

function show(groups: readonly Group[], readings: readonly Reading[], { out }: CommandContext): string {
  const styles = stylesFor(out.stream);
  const now = Date.now();
  const parts = readings.map((reading) => queuePart(reading, groups, styles, now));
  if (groups.some(({ recorded }) => !recorded)) {
    parts.push(styles.faint('* concluded from the ledger and the receives; SQS moved it without a reason'));
  }
  const missing = leftOut(readings);
  if (missing.length > 0) parts.push(styles.doubtful(missing.join('\n')));
  if (groups[0]) parts.push(nextSteps(groups[0]));
  return `${parts.join('\n\n')}\n`;
}

function queuePart(reading: Reading, groups: readonly Group[], styles: Styles, now: number): string {
  const mine = groups.filter(({ queue }) => queue === reading.queue);
  const { queue, seen, matched } = reading;
  const of = matched === seen ? '' : ` of ${seen}`;
  const title = `${styles.heading(queue)}: ${counted(matched, 'dead letter')}${of}${mine.length > 0 ? ` in ${counted(mine.length, 'group')}` : ''}`;
  return mine.length === 0 ? title : `${title}\n${groupLines(mine, styles, now)}`;
}

function nextSteps({ example, fingerprint }: Group): string {
  const meant = fingerprint ? ['--fingerprint', fingerprint] : [];
  const commands = [
    shellCommand(['npx', 'sluice', 'dlq', 'show', example.messageId]),
    shellCommand(['npx', 'sluice', 'dlq', 'redrive', ...meant, '--dry-run']),
  ];
  return ['Next:', ...commands.flatMap((command) => (command ? [`  ${command}`] : []))].join('\n');
}

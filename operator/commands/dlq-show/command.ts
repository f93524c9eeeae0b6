import type { Command } from 'commander';
import type { CommandContext } from '../../command.ts';
import { Diagnoses } from '../../dead-letters/diagnosis/diagnoses.ts';
import type { DeadLetter, HeldLetter } from '../../dead-letters/reading/letter.ts';
import { jobIdOf } from '../../dead-letters/reading/letter-facts.ts';
import { addFilterOptions, type FilterOptions } from '../../dead-letters/selecting/filter-options.ts';
import { type Found, leftOut, type Reading, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';
import { letterText, type ShownLetter } from '../../dead-letters/showing/letter-text.ts';
import { DataError } from '../../ending/exit.ts';
import { toJson } from '../../output/json.ts';
import { oneLine } from '../../output/printable.ts';
import { shellCommand } from '../../output/shell.ts';
import { stylesFor } from '../../output/style.ts';
import { counted } from '../../output/text.ts';
import { ledgerFor } from '../../stage/ledger.ts';
import { runsOf } from '../../stage/runs.ts';

/** One job may have many letters; beyond these they are counted only. */
const MOST = 10;

const HELP = `
The message is named by its SQS message id, by the id that it had on its own
queue, or by its job id. Exit code 1 when there is none.

Examples:
  $ npx sluice dlq show 6f0f7a1c-5b0e-4f5e-9d7b-0d8e5d0f4f6c
  $ npx sluice dlq show order-4711 --queue jobs
  $ npx sluice dlq show order-4711 --json | jq '.letters[0].body | fromjson'`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  addFilterOptions(parent.command('show').argument('<message>', 'message id, original message id or job id'))
    .description("everything about one dead letter, its body held against today's schema")
    .addHelpText('after', HELP)
    .action((wanted: string, options: FilterOptions, command: Command) => show(wanted, options, context(command)));
}

async function show(wanted: string, options: FilterOptions, context: CommandContext): Promise<void> {
  const found: Found[] = [];
  let count = 0;
  const readings = await readDeadLetters(context, options, (batch) => {
    const alike = batch.filter(({ letter }) => isCalled(letter, wanted));
    count += alike.length;
    found.push(...alike.slice(0, MOST - found.length));
    // A message id names one letter, so the search can stop. A job may have several.
    return alike.some(({ letter }) => letter.messageId === wanted);
  });
  if (found.length === 0) throw new DataError(notThere(wanted, readings));
  const shown = await withLedger(context, found);
  if (context.json) {
    context.out.write(toJson({ count, letters: shown.map(asJson) }));
    return;
  }
  const styles = stylesFor(context.out.stream);
  const texts = shown.map((each) => letterText(each, styles, Date.now()));
  if (count > found.length) texts.push(`and ${counted(count - found.length, 'more letter')} of ${oneLine(wanted)}`);
  context.out.write(`${texts.join(`\n\n${styles.faint('-'.repeat(20))}\n\n`)}\n`);
}

function isCalled(letter: DeadLetter, wanted: string): boolean {
  return [letter.messageId, letter.reason?.messageId, jobIdOf(letter)].includes(wanted);
}

function notThere(wanted: string, readings: readonly Reading[]): string {
  const seen = readings.reduce((sum, reading) => sum + reading.seen, 0);
  const command = shellCommand(['npx', 'sluice', 'job', ...(wanted.startsWith('-') ? ['--'] : []), wanted]);
  return [
    `none of ${counted(seen, 'dead letter')} is called ${oneLine(wanted)}, by message id, original message id or job id`,
    ...leftOut(readings),
    ...(command ? [`\`${command}\` says what else is known of a job`] : []),
  ].join('\n');
}

async function withLedger(context: CommandContext, found: readonly Found[]): Promise<ShownLetter[]> {
  const stage = await context.stage();
  return await Promise.all(
    found.map(async ({ queue, letter, diagnosis }) => {
      const ledger = ledgerFor(stage, queue).open();
      try {
        const known = await new Diagnoses({ runs: runsOf(queue, stage), ledger, now: Date.now }).known(letter);
        return { queue: queue.name, letter, diagnosis, known };
      } finally {
        ledger.close();
      }
    }),
  );
}

/** Not the receipt handle: it is of no use once the letter is given back. */
function asJson({ letter, queue, diagnosis: cause, known }: ShownLetter): object {
  const { receiptHandle: _, ...shown } = letter as HeldLetter;
  return { queue, cause, known, ...shown };
}

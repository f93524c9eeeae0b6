import type { Command } from 'commander';
import { Blocks } from '../../../src/queues/blocks.ts';
import { REASON_ATTRIBUTE } from '../../../src/queues/reason.ts';
import type { CommandContext } from '../../command.ts';
import type { Holding } from '../../dead-letters/reading/holding.ts';
import type { HeldLetter } from '../../dead-letters/reading/letter.ts';
import { type Found, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';
import { DataError, UsageError } from '../../ending/exit.ts';
import { toJson } from '../../output/json.ts';
import { oneLine } from '../../output/printable.ts';
import { lastPart } from '../../stage/discovery.ts';
import { ledgerFor } from '../../stage/ledger.ts';
import { senderTo } from '../../stage/sender.ts';

interface DecideOptions {
  readonly runAgain?: true;
  readonly park?: true;
  readonly queue?: string;
}

const HELP = `
For a message that holds up its group on a FIFO queue. dlq list and dlq show
show its notice; the message itself is still on the queue. Either it runs again,
before all that waits behind it, and the notice is deleted; or it is parked: the
group goes on without it, and an ordinary dead letter takes the notice's place.

The worker sees the decision at its next look: after 15 s at first, after half
an hour at most where the group has waited for hours. The command can be run
again where it was interrupted.

Examples:
  $ npx sluice dlq decide 6f0f7a1c-5b0e-4f5e-9d7b-0d8e5d0f4f6c --run-again
  $ npx sluice dlq decide 6f0f7a1c-5b0e-4f5e-9d7b-0d8e5d0f4f6c --park`;

export function register(parent: Command, context: (command: Command) => CommandContext): void {
  parent
    .command('decide')
    .argument('<message>', 'message id of the notice, or original message id')
    .description('let a message that blocks its group run again, or park it')
    .option('--run-again', 'it runs again, in its place')
    .option('--park', 'its group goes on without it')
    .option('--queue <name>', 'look on this queue only')
    .addHelpText('after', HELP)
    .action((wanted: string, options: DecideOptions, command: Command) => decide(wanted, options, context(command)));
}

async function decide(wanted: string, options: DecideOptions, context: CommandContext): Promise<void> {
  const { runAgain, park, queue } = options;
  if ((runAgain === undefined) === (park === undefined)) {
    throw new UsageError('say what to do with the message: either --run-again or --park');
  }
  const decided: string[] = [];
  await readDeadLetters(context, { ...(queue !== undefined && { queue }) }, async (found, holding) => {
    for (const each of found.filter(({ letter }) => isCalled(letter, wanted))) {
      await carryOut(each, holding, runAgain ? 'runsAgain' : 'parked', context);
      decided.push(each.letter.reason?.messageId ?? '');
    }
    return decided.length > 0;
  });
  if (decided.length === 0)
    throw new DataError(`no message that blocks its group is called ${oneLine(wanted)}: see sluice dlq list`);
  if (context.json) context.out.write(toJson({ decided: runAgain ? 'run-again' : 'park', messageIds: decided }));
  else
    context.out.write(
      `${oneLine(decided.join(', '))}: ${runAgain ? 'runs again' : 'is parked'} at the worker's next look\n`,
    );
}

function isCalled({ messageId, reason }: HeldLetter, wanted: string): boolean {
  return reason?.blocks === true && (messageId === wanted || reason.messageId === wanted);
}

/** The decision first: after a kill in between, the notice is still there, and the command can be run again. */
async function carryOut(
  { queue, letter }: Found,
  holding: Holding,
  state: 'runsAgain' | 'parked',
  context: CommandContext,
): Promise<void> {
  const stage = await context.stage();
  const messageId = letter.reason?.messageId ?? '';
  const records = ledgerFor(stage, queue).open();
  try {
    const blocks = new Blocks(records, lastPart(queue.arn), Date.now);
    const isNew = await blocks.decide(messageId, state);
    const now = isNew ? state : (await blocks.find(messageId))?.state;
    if (now !== undefined && now !== state) {
      const done = now === 'parked' ? 'parked' : 'let run again';
      throw new DataError(`${oneLine(messageId)} was ${done} before, and the worker may have acted on it`);
    }
  } finally {
    records.close();
  }
  if (state === 'parked') await replace(letter, queue.deadLetters.url, context);
  const [refusal] = await holding.delete([letter]);
  if (refusal)
    throw new DataError(`the decision stands, but its notice could not be deleted: ${refusal.why}. Run it again`);
}

/** The same letter without the mark of a notice. A second try within five minutes sends no second one. */
async function replace(
  { attributes, body, messageId, reason, system }: HeldLetter,
  url: string,
  context: CommandContext,
) {
  const { blocks: _, ...rest } = reason ?? {};
  const { sqs } = await context.stage();
  const sent = await senderTo(
    sqs,
    url,
  )({
    MessageBody: body,
    MessageAttributes: { ...attributes, [REASON_ATTRIBUTE]: { DataType: 'String', StringValue: JSON.stringify(rest) } },
    MessageGroupId: system.MessageGroupId,
    MessageDeduplicationId: `park-${messageId}`,
  });
  if (sent.status === 'sent') return;
  throw new DataError(`the decision stands, but its dead letter could not be written (${sent.code}). Run it again`);
}

import type { CommandContext } from '../../command.ts';
import { type Moved, moveNatively, NoMoveTasks } from '../../dead-letters/redriving/native.ts';
import { EXIT, UsageError } from '../../ending/exit.ts';
import { confirm } from '../../output/confirm.ts';
import { toJson } from '../../output/json.ts';
import { oneLine } from '../../output/printable.ts';
import { startProgress } from '../../output/progress.ts';
import { grouped } from '../../output/text.ts';
import { selectDeadLetterQueues, selectQueues } from '../../stage/select-queues.ts';
import { next } from './again.ts';
import type { RedriveFlags } from './options.ts';

const WHAT_IT_IS = `SQS itself moves every dead letter, with new message ids and enqueue times. It looks at none of them: what would
fail again goes back too, and so does what is done already, which the ledger then recognises as a duplicate.
`;

/** `--native`: one move task for each queue, one after the other. */
export async function redriveNatively(
  context: CommandContext,
  flags: RedriveFlags,
  argv: readonly string[],
): Promise<void> {
  const { err, out, json, signal } = context;
  const stage = await context.stage();
  const queues = await selectDeadLetterQueues(stage, flags.queue);
  const [to] = flags.to === undefined ? [] : await selectQueues(stage, flags.to);
  err.write(WHAT_IT_IS);
  if (flags.dryRun) return;
  const names = queues.map(({ name }) => name).join(', ');
  if (!flags.yes && !(await confirm(context, `Move all dead letters of ${names}`))) return;
  const moved: Record<string, Moved> = {};
  for (const { name, arn, deadLetters } of queues) {
    const progress = startProgress(err, `Moving the dead letters of ${name}:`);
    // Always named: SQS does not know where a letter came from that the worker copied, and one that died on a retry queue
    // starts anew on the main queue.
    const destinationArn = to?.arn ?? arn;
    const task = { sqs: stage.sqs, deadLettersArn: deadLetters.arn, destinationArn, rate: flags.rate, signal };
    try {
      moved[name] = await moveNatively({ ...task, onProgress: (count) => progress.update(count) });
    } catch (error) {
      if (!(error instanceof NoMoveTasks)) throw error;
      throw new UsageError(`${error.message}: run it without --native`);
    } finally {
      progress.stop();
    }
  }
  if (Object.values(moved).some(({ status }) => status !== 'COMPLETED')) context.exit(EXIT.data);
  if (json) out.write(toJson({ native: moved }));
  else out.write(`${Object.entries(moved).map(line).join('')}Next: ${next(argv, ['dlq', 'list'])}\n`);
}

function line([name, { status, moved, ofAbout, failure }]: [string, Moved]): string {
  const why = failure ? `: ${oneLine(failure)}` : '';
  return `${name}: ${status.toLowerCase()}, about ${grouped(moved)} of ${grouped(ofAbout)} moved${why}\n`;
}

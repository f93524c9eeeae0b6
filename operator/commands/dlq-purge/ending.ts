import type { CommandContext } from '../../command.ts';
import type { Reading } from '../../dead-letters/selecting/read-dead-letters.ts';
import { EXIT } from '../../ending/exit.ts';
import { toJson } from '../../output/json.ts';
import { oneLine } from '../../output/printable.ts';
import { shellCommand } from '../../output/shell.ts';
import { counted } from '../../output/text.ts';
import { type PurgePlan, planJson } from './plan.ts';
import type { Purged } from './purge.ts';

/** Letters that are named one by one, at most; all of them are in the JSON. */
const NAMED = 10;

/** How a purge ended, also where it failed in the middle. */
export interface Ending {
  readonly plan: PurgePlan;
  readonly purged: Purged;
  readonly readings: readonly Reading[];
  readonly file: string | undefined;
}

/** Prints how a purge ended, and sets the exit code. */
export function tell({ plan, purged, readings, file }: Ending, context: CommandContext): void {
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

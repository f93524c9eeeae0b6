import type { CommandContext } from '../../command.ts';
import { type Group, Groups } from '../../dead-letters/diagnosis/groups.ts';
import type { FilterOptions } from '../../dead-letters/selecting/filter-options.ts';
import { leftOut, type Reading, readDeadLetters } from '../../dead-letters/selecting/read-dead-letters.ts';
import { groupLines } from '../../dead-letters/showing/group-lines.ts';
import { stylesFor } from '../../output/style.ts';
import { counted } from '../../output/text.ts';

/** The letters that a purge would delete, and what it could not see. */
export interface PurgePlan {
  readonly groups: readonly Group[];
  readonly readings: readonly Reading[];
  readonly ids: ReadonlySet<string>;
  readonly letters: number;
}

/** Reads the dead-letter queues. What comes in later is not in the plan. */
export async function makePlan(options: FilterOptions, context: CommandContext): Promise<PurgePlan> {
  const groups = new Groups();
  const ids = new Set<string>();
  const readings = await readDeadLetters(context, options, (found) => {
    for (const { queue, letter, diagnosis } of found) {
      // Without its notice nobody would know of the group that waits.
      if (letter.reason?.blocks) continue;
      groups.add(queue.name, letter, diagnosis);
      ids.add(letter.messageId);
    }
    return false;
  });
  return { groups: groups.list(), readings, ids, letters: ids.size };
}

/** For people; `planJson` is for programs. */
export function showPlan({ groups, readings, letters }: PurgePlan, { err, out }: CommandContext): void {
  const styles = stylesFor(out.stream);
  const parts = readings.flatMap(({ queue }) => {
    const mine = groups.filter((group) => group.queue === queue);
    return mine.length > 0 ? [`${styles.heading(queue)}\n${groupLines(mine, styles, Date.now())}`] : [];
  });
  const plan = letters === 0 ? 'No dead letter is meant.' : `To delete: ${counted(letters, 'dead letter')}`;
  out.write(`${[...parts, plan].join('\n\n')}\n`);
  for (const line of leftOut(readings)) err.write(`${line}\n`);
}

/** What `--json` prints of a plan. */
export function planJson({ groups, readings, letters }: PurgePlan): object {
  return { letters, groups, queues: readings };
}

import type { RecordReader } from '../../../src/ledger/store.ts';
import type { Route } from '../../dead-letters/redriving/apply.ts';
import type { AssessOptions } from '../../dead-letters/redriving/assess.ts';
import { filterOf } from '../../dead-letters/selecting/filter.ts';
import { filterFrom } from '../../dead-letters/selecting/filter-options.ts';
import { UsageError } from '../../ending/exit.ts';
import { runsOf } from '../../stage/runs.ts';
import { type QueueWithDeadLetters, selectDeadLetterQueues, selectQueues } from '../../stage/select-queues.ts';
import type { QueueOfStage, Stage } from '../../stage/stage.ts';
import type { RedriveFlags } from './options.ts';
import { resultTtlMs } from './result-ttl.ts';

/** A route, and how its letters are decided about. */
export interface PreparedRoute extends Route {
  readonly assessing: AssessOptions;
}

/**
 * Finds out which letters go where, and by which rules.
 *
 * @param ledgerOf opens the records of a queue's jobs
 * @throws UsageError where the destination does not fit
 */
export async function prepareRoutes(
  stage: Stage,
  flags: RedriveFlags,
  ledgerOf: (queue: QueueOfStage) => RecordReader,
): Promise<PreparedRoute[]> {
  const sources = await selectDeadLetterQueues(stage, flags.queue);
  if (flags.to === undefined) refuseShared(sources);
  const [destination] = flags.to === undefined ? [] : await selectQueues(stage, flags.to);
  return Promise.all(
    sources.map(async (source) => {
      const to = destination ?? source;
      refuseMisfit(source, to, flags);
      const rules = {
        includeInvalid: flags.includeInvalid ?? false,
        maxAgeMs: flags.maxAge,
        resultTtlMs: await resultTtlMs(stage, to),
      };
      const inOrder = source.fifo && !flags.allowReorder;
      const selects = filterOf(filterFrom(flags));
      return {
        queue: source.name,
        from: { ...source.deadLetters, fifo: source.fifo },
        to,
        diesTo: to.deadLetters?.url ?? source.deadLetters.url,
        assessing: { runs: runsOf(to, stage), ledger: ledgerOf(to), rules, selects, inOrder, now: Date.now },
      };
    }),
  );
}

/** A letter does not always tell on which queue it died, and the wrong consumer must not get it. */
function refuseShared(sources: readonly QueueWithDeadLetters[]): void {
  for (const { name, deadLetters } of sources) {
    const other = sources.find((source) => source.name !== name && source.deadLetters.url === deadLetters.url);
    if (other) {
      throw new UsageError(
        `${name} and ${other.name} share a dead-letter queue: pass --queue or --to to say where its letters belong`,
      );
    }
  }
}

function refuseMisfit(source: QueueOfStage, to: QueueOfStage, { allowReorder }: RedriveFlags): void {
  if (to.fifo && !source.fifo) {
    throw new UsageError(
      `--to ${to.name} is a FIFO queue, and the letters of ${source.name} have no groups: name a standard queue`,
    );
  }
  if (source.fifo && !to.fifo && !allowReorder) {
    throw new UsageError(
      `--to ${to.name} is no FIFO queue, so the order of the groups of ${source.name} would be lost: add --allow-reorder if that is all right`,
    );
  }
}

import type { StoreSession } from '../../../src/ledger/store.ts';
import type { CommandContext } from '../../command.ts';
import { seeThrough } from '../../ending/see-through.ts';
import { startProgress } from '../../output/progress.ts';
import { counted } from '../../output/text.ts';
import { ledgerFor } from '../../stage/ledger.ts';
import { runsOf } from '../../stage/runs.ts';
import { type QueueWithDeadLetters, selectDeadLetterQueues } from '../../stage/select-queues.ts';
import type { Diagnosis } from '../diagnosis/diagnose.ts';
import { Diagnoses } from '../diagnosis/diagnoses.ts';
import { Holding, type Unseen } from '../reading/holding.ts';
import type { HeldLetter } from '../reading/letter.ts';
import { scan } from '../reading/scan.ts';
import { filterOf } from './filter.ts';
import { type FilterOptions, filterFrom } from './filter-options.ts';

/** A letter that the filters let pass, and why it is dead. */
export interface Found {
  readonly queue: QueueWithDeadLetters;
  readonly letter: HeldLetter;
  readonly diagnosis: Diagnosis;
}

/** How one queue's reading went. */
export interface Reading extends Unseen {
  readonly queue: string;
  readonly fifo: boolean;
  /** Letters looked at, and those of them that the filters let pass. */
  readonly seen: number;
  readonly matched: number;
  /** SQS handed out no more: the limit of messages in flight was reached. */
  readonly full: boolean;
  /** Letters whose visibility timeout ended before this command released them. */
  readonly stale: number;
}

/** @returns true to stop: what was looked for is found */
export type Visit = (found: readonly Found[], holding: Holding) => Promise<boolean> | boolean;

/** Called at the end of each queue, before its letters are released. */
export type AtEnd = (holding: Holding) => Promise<void>;

/**
 * Passes every selected dead letter to `visit`, batch by batch, while it is held. However it ends, all letters that
 * were not deleted are released.
 */
export async function readDeadLetters(
  context: CommandContext,
  options: FilterOptions,
  visit: Visit,
  atEnd?: AtEnd,
): Promise<Reading[]> {
  return await seeThrough(context, read(context, options, visit, atEnd));
}

async function read(context: CommandContext, options: FilterOptions, visit: Visit, atEnd?: AtEnd): Promise<Reading[]> {
  const stage = await context.stage();
  let ledger: StoreSession | undefined;
  const closeLedger = () => ledger?.close();
  context.signal.addEventListener('abort', closeLedger);
  const progress = startProgress(context.err, 'Reading dead letters:');
  const readings: Reading[] = [];
  let seenBefore = 0;
  try {
    for (const queue of await selectDeadLetterQueues(stage, options.queue)) {
      closeLedger();
      ledger = ledgerFor(stage, queue).open();
      const diagnoses = new Diagnoses({ runs: runsOf(queue, stage), ledger, now: Date.now });
      await using holding = await Holding.of(stage.sqs, queue.deadLetters.url);
      const onProgress = (seen: number) => progress.update(seenBefore + seen);
      let matched = 0;
      let found = false;
      for await (const letters of scan(holding, { signal: context.signal, onProgress })) {
        const chosen = await choose(queue, letters, options, diagnoses);
        matched += chosen.length;
        found = await visit(chosen, holding);
        if (found) break;
      }
      await atEnd?.(holding);
      const { seen, full } = holding;
      const unseen = await holding.unseen();
      const { stale } = await holding.release();
      readings.push({ queue: queue.name, fifo: queue.fifo, seen, matched, full, stale, ...unseen });
      seenBefore += seen;
      if (found) break;
    }
  } finally {
    progress.stop();
    context.signal.removeEventListener('abort', closeLedger);
    closeLedger();
  }
  return readings;
}

async function choose(
  queue: QueueWithDeadLetters,
  letters: readonly HeldLetter[],
  options: FilterOptions,
  diagnoses: Diagnoses,
): Promise<Found[]> {
  const passes = filterOf(filterFrom(options));
  const now = Date.now();
  const reasons = await diagnoses.of(letters);
  return letters.flatMap((letter, i) => {
    const diagnosis = reasons[i] as Diagnosis;
    return passes(letter, now, diagnosis) ? [{ queue, letter, diagnosis }] : [];
  });
}

/** Lines that tell the operator what the readings did not see. */
export function leftOut(readings: readonly Reading[]): string[] {
  return readings.flatMap(({ queue, fifo, waiting, elsewhere, full }) => [
    ...(full ? [`${queue}: SQS hands out no more while so many are in flight; purge or redrive some`] : []),
    ...(waiting > 0 && !full ? [`${queue}: about ${counted(waiting, 'more letter')} ${fifo ? BEHIND : REMAIN}`] : []),
    ...(elsewhere > 0 ? [`${queue}: about ${counted(elsewhere, 'letter')} held by other consumers`] : []),
  ]);
}

const BEHIND = 'behind the heads of their groups';
const REMAIN = 'that SQS did not hand out: run it again';

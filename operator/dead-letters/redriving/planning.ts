import type { SQSClient } from '@aws-sdk/client-sqs';
import { Holding, type Unseen } from '../reading/holding.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { scan } from '../reading/scan.ts';
import { type AssessOptions, assess } from './assess.ts';
import type { PlanBuilder } from './plan.ts';

export interface PlanningOptions {
  readonly sqs: SQSClient;
  /** The queue's short name. */
  readonly queue: string;
  readonly deadLettersUrl: string;
  readonly assessing: AssessOptions;
  /** Undefined: by the number of letters. */
  readonly visibilitySeconds: number | undefined;
  readonly signal: AbortSignal;
  onProgress?(seen: number): void;
}

/**
 * Reads one dead-letter queue and adds what would happen to the plan. Everything is released again before it returns.
 *
 * @returns what could not be seen: on a FIFO queue all that is behind the heads of its groups
 */
export async function planQueue(builder: PlanBuilder, options: PlanningOptions): Promise<Unseen> {
  const { sqs, queue, deadLettersUrl, assessing, signal, onProgress } = options;
  await using holding = await Holding.of(sqs, deadLettersUrl, options.visibilitySeconds);
  const working = new Set<Promise<void>>();
  const add = async (letters: readonly DeadLetter[]): Promise<void> => {
    for (const { letter, diagnosis, decision } of await assess(letters, assessing)) {
      builder.add(queue, letter, diagnosis, decision);
    }
  };
  try {
    for await (const letters of scan(holding, { signal, ...(onProgress && { onProgress }) })) {
      const work = add(letters).finally(() => working.delete(work));
      working.add(work);
      if (working.size >= BATCHES) await Promise.race(working);
    }
    await Promise.all(working);
  } finally {
    await Promise.allSettled(working);
  }
  return holding.unseen();
}

/** Batches of letters that are decided about at once. */
const BATCHES = 16;

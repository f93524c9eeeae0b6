import type { SQSClient } from '@aws-sdk/client-sqs';
import { Holding } from '../operator/dead-letters/reading/holding.ts';
import type { DeadLetter, HeldLetter } from '../operator/dead-letters/reading/letter.ts';
import { scan } from '../operator/dead-letters/reading/scan.ts';
import { inGroups } from './concurrently.ts';
import { sendAll } from './sending.ts';

export interface Group {
  readonly errorClass: string;
  readonly fingerprint: string;
  readonly type: string;
  readonly count: number;
  readonly example: string;
  /** How many of them would pass after the receiver is repaired. */
  readonly repairable: number;
}

/** Seconds that dead letters stay hidden: enough to read, plan and redrive a hundred thousand. */
const HELD_SECONDS = 900;
const REDRIVEN_AT_ONCE = 1_000;

/**
 * Receives everything that a dead-letter queue holds. The holding keeps the letters hidden until they are released or
 * deleted.
 */
export async function readDeadLetters(
  sqs: SQSClient,
  queueUrl: string,
): Promise<{ letters: HeldLetter[]; holding: Holding }> {
  const holding = await Holding.of(sqs, queueUrl, HELD_SECONDS);
  const letters: HeldLetter[] = [];
  for await (const received of scan(holding)) letters.push(...received);
  return { letters, holding };
}

/** Whether the receiver caused the failure. That is so for a valid webhook that the worker tried to deliver to it. */
export function cameFrom(receiverUrl: string): (letter: DeadLetter) => boolean {
  return ({ reason, body }) => {
    if (reason?.type !== 'webhook' || reason.errorClass === 'InvalidJob') return false;
    try {
      const { url } = JSON.parse(body) as { url?: unknown };
      return typeof url === 'string' && url.startsWith(`${receiverUrl}/`);
    } catch {
      return false;
    }
  };
}

/** Groups letters with equal reasons, the most frequent first. */
export function groupByReason(letters: readonly DeadLetter[], isRepairable: (letter: DeadLetter) => boolean): Group[] {
  const groups = Map.groupBy(letters, ({ reason }) => `${reason?.errorClass}\n${reason?.fingerprint}\n${reason?.type}`);
  return [...groups.values()]
    .map((alike) => {
      const reason = alike[0]?.reason;
      return {
        errorClass: reason?.errorClass ?? 'no reason',
        fingerprint: reason?.fingerprint ?? '',
        type: reason?.type ?? '',
        count: alike.length,
        example: reason?.message ?? 'moved by SQS itself',
        repairable: alike.filter(isRepairable).length,
      };
    })
    .sort((a, b) => b.count - a.count);
}

/**
 * Sends dead letters back to their queue, byte for byte and with their attributes, and only then deletes them here. A
 * crash in between makes a duplicate, which the worker recognises.
 *
 * @throws Error when SQS refuses one
 */
export async function redrive(
  sqs: SQSClient,
  letters: readonly HeldLetter[],
  { holding, to, onSent }: { holding: Holding; to: string; onSent: (count: number) => void },
): Promise<void> {
  for (const group of inGroups(letters, REDRIVEN_AT_ONCE)) {
    await sendAll(sqs, to, group, onSent);
    const [refusal, ...more] = await holding.delete(group);
    if (refusal) throw new Error(`${1 + more.length} dead letters could not be deleted: ${refusal.why}`);
  }
}

import type { Holding } from './holding.ts';
import type { HeldLetter } from './letter.ts';

const RECEIVERS = 8;
const LETTERS_PER_RECEIVE = 10;

export interface ScanOptions {
  /** Ends the scan by throwing its reason; what was received until then is held, and so can be released. */
  readonly signal?: AbortSignal | undefined;
  /** Told how many letters have been seen so far. */
  onProgress?(seen: number): void;
}

/**
 * Receives every letter that the queue will hand out, each once, in batches of at most ten that are all held by
 * `holding`:
 *
 * ```ts
 * await using holding = await Holding.of(sqs, deadLetters.url);
 * for await (const letters of scan(holding, { signal })) ...
 * const { waiting, elsewhere } = await holding.unseen();
 * ```
 *
 * However the loop ends, no request is under way afterwards, so that `holding` knows every letter that is hidden.
 *
 * Of a FIFO queue a scan sees up to ten letters of each group, its head, since SQS hands out nothing of a group that has
 * letters in flight; `unseen().waiting` then says how many are behind. A deleted head makes room for the next, also
 * within one scan.
 */
export async function* scan(holding: Holding, { signal, onProgress }: ScanOptions = {}): AsyncGenerator<HeldLetter[]> {
  // Short polls ask some of SQS's servers only, so what they leave is asked for once more, with all servers.
  for (let waitSeconds = 0; ; waitSeconds = 1) {
    const { waiting } = await holding.unseen();
    if (waiting === 0 && waitSeconds > 0) return;
    const before = holding.seen;
    for await (const letters of sweep(holding, receivers(waiting), waitSeconds, signal)) {
      onProgress?.(holding.seen);
      yield letters;
    }
    if (holding.full || (waitSeconds > 0 && holding.seen === before)) return;
  }
}

function receivers(waiting: number): number {
  return Math.min(RECEIVERS, Math.max(1, Math.ceil(waiting / LETTERS_PER_RECEIVE)));
}

/** Each receiver goes on until a receive brings nothing new; no faster than the letters are taken. */
async function* sweep(
  holding: Holding,
  count: number,
  waitSeconds: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<HeldLetter[]> {
  const receiving = new Map<number, Promise<{ receiver: number; letters: HeldLetter[] }>>();
  const receive = (receiver: number) => {
    const received = holding.receive(waitSeconds).then((letters) => ({ receiver, letters }));
    // It may fail while the letters before it are still being worked on; the race below then tells.
    received.catch(() => {});
    receiving.set(receiver, received);
  };
  try {
    signal?.throwIfAborted();
    for (let receiver = 0; receiver < count; receiver++) receive(receiver);
    while (receiving.size > 0) {
      const { receiver, letters } = await Promise.race(receiving.values());
      signal?.throwIfAborted();
      if (letters.length > 0) receive(receiver);
      else receiving.delete(receiver);
      if (letters.length > 0) yield letters;
    }
  } finally {
    // An aborted receive would hide letters whose handles nobody has, so all are waited for.
    await Promise.allSettled(receiving.values());
  }
}

import type { Counts } from '../operator/stage/counts.ts';
import type { FunctionLog } from './function-log.ts';
import { seconds } from './printing.ts';
import { startProgress } from './progress.ts';
import { drained } from './queue.ts';
import type { Service } from './service.ts';

/** What a piece of work reports while it is watched. */
export interface Watched {
  /** This many more messages are on the queue. */
  sent(count: number): void;
  /** Prints a line. */
  note(text: string): void;
}

/**
 * Does work that sends `of` messages to the main queue, and waits until the queue is empty or the time is over.
 *
 * @returns the last count of the queue
 */
export async function watchQueue(
  of: number,
  { service, log, timeUp }: { service: Service; log: FunctionLog; timeUp: AbortSignal },
  work: (watched: Watched) => Promise<void>,
): Promise<Counts> {
  const progress = startProgress(of);
  const startedAt = performance.now();
  const before = { ...log.verdicts };
  let sent = 0;
  const working = work({
    sent: (count) => {
      sent += count;
    },
    note: (text) => progress.note(`${seconds(performance.now() - startedAt).padStart(9)}  ${text}`),
  });
  const { retry, dead } = before;
  const show = (depth: Counts): void => {
    progress.show({ sent, depth, retries: log.verdicts.retry - retry, dead: log.verdicts.dead - dead });
  };
  try {
    const [depth] = await Promise.all([
      drained(service.sqs, service.queueUrl, timeUp, { onDepth: show, unsent: () => of - sent }),
      working,
    ]);
    return depth;
  } finally {
    progress.stop();
  }
}

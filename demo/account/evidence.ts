import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';
import type { Counts } from '../../operator/stage/counts.ts';
import type { DemoMessage } from '../mix.ts';
import type { Delivery } from '../receiver.ts';
import type { StoredItem } from '../table.ts';

/** What was sent, and everything that was found afterwards. */
export interface Evidence {
  readonly sent: readonly DemoMessage[];
  readonly items: readonly StoredItem[];
  readonly deadLetters: readonly DeadLetter[];
  /** What the main queue still held at the end. */
  readonly left: Counts;
  /** By idempotency key. */
  readonly deliveries: ReadonlyMap<string, readonly Delivery[]>;
  /** When function processes died; milliseconds since the epoch. */
  readonly crashes: readonly number[];
  /** Milliseconds that an invocation may take. */
  readonly timeoutMs: number;
}

/** Takes one sentence about something that does not add up. */
export type Complain = (sentence: string) => void;

/**
 * How far apart two things that happen together may be noted on a busy machine: a receiver may read a request after its
 * sender has died. Milliseconds.
 */
const NOTICE_MS = 1_000;

/** Whether what an invocation did at that time may have been done again, because its process died afterwards. */
export function undoneByCrash(at: number, { crashes, timeoutMs }: Pick<Evidence, 'crashes' | 'timeoutMs'>): boolean {
  return crashes.some((crash) => crash >= at - NOTICE_MS && crash <= at + timeoutMs + NOTICE_MS);
}

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
  /** The counts of the main queue at the end. */
  readonly left: Counts;
  /** By idempotency key. */
  readonly deliveries: ReadonlyMap<string, readonly Delivery[]>;
  /** When function processes died; milliseconds since the epoch. */
  readonly crashes: readonly number[];
  /** Milliseconds that an invocation may take. */
  readonly timeoutMs: number;
}

/** Takes one sentence about something that is wrong. */
export type Complain = (sentence: string) => void;

/**
 * Milliseconds that the noted times of two simultaneous events may differ. On a busy machine a receiver may read a
 * request after its sender has died.
 */
const NOTICE_MS = 1_000;

/**
 * Whether the work that an invocation did at that time may have been done again, because its process died afterwards.
 */
export function undoneByCrash(at: number, { crashes, timeoutMs }: Pick<Evidence, 'crashes' | 'timeoutMs'>): boolean {
  return crashes.some((crash) => crash >= at - NOTICE_MS && crash <= at + timeoutMs + NOTICE_MS);
}

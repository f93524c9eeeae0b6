import { bounded } from '../../output/printable.ts';
import type { DeadLetter } from '../reading/letter.ts';
import { diedAt, jobIdOf, typeOf } from '../reading/letter-facts.ts';
import type { Diagnosis } from './diagnose.ts';

/** Letters of one queue that died of the same error, of one type. */
export interface Group {
  readonly queue: string;
  readonly errorClass: string;
  readonly fingerprint: string;
  readonly type: string;
  /** False where no reason was recorded, and the error is concluded. */
  readonly recorded: boolean;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly example: { readonly messageId: string; readonly jobId: string | undefined; readonly message: string };
}

/** Further groups share one for each queue. This bounds memory where all errors differ. */
const MAX_GROUPS = 1_000;
/** Characters kept of a type: anybody may have made it up. */
export const MOST_TYPE = 200;
/** More than any key has. */
const MOST_ID = 2_048;

type Growing = { -readonly [Key in keyof Group]: Group[Key] };

/** Counts letters by group. Memory grows with the groups, not with the letters. */
export class Groups {
  readonly #groups = new Map<string, Growing>();

  add(queue: string, letter: DeadLetter, diagnosis: Diagnosis): void {
    const group = this.#groupOf(queue, letter, diagnosis);
    group.count += 1;
    group.firstSeen = Math.min(group.firstSeen, firstDiedAt(letter));
    group.lastSeen = Math.max(group.lastSeen, diedAt(letter));
  }

  /** By queue, and there the largest first. */
  list(): Group[] {
    return [...this.#groups.values()].sort(
      (a, b) => a.queue.localeCompare(b.queue) || b.count - a.count || a.fingerprint.localeCompare(b.fingerprint),
    );
  }

  #groupOf(queue: string, letter: DeadLetter, { errorClass, fingerprint, message, recorded }: Diagnosis): Growing {
    const type = bounded(typeOf(letter) ?? 'unknown', MOST_TYPE);
    const key = JSON.stringify([queue, errorClass, fingerprint, type, recorded]);
    const known = this.#groups.get(key);
    if (known) return known;
    const group: Growing = {
      queue,
      ...(this.#groups.size < MAX_GROUPS ? { errorClass, fingerprint, type } : OTHERS),
      recorded,
      count: 0,
      firstSeen: Number.POSITIVE_INFINITY,
      lastSeen: 0,
      example: { messageId: letter.messageId, jobId: shortId(letter), message },
    };
    if (this.#groups.size < MAX_GROUPS) return this.#put(key, group);
    const others = JSON.stringify([queue, recorded]);
    return this.#groups.get(others) ?? this.#put(others, group);
  }

  #put(key: string, group: Growing): Growing {
    this.#groups.set(key, group);
    return group;
  }
}

const OTHERS = { errorClass: '(others)', fingerprint: '', type: '(several)' };

function shortId(letter: DeadLetter): string | undefined {
  const id = jobIdOf(letter);
  return id && bounded(id, MOST_ID);
}

function firstDiedAt(letter: DeadLetter): number {
  const first = Date.parse(letter.reason?.firstFailedAt ?? '');
  return Number.isNaN(first) ? diedAt(letter) : first;
}

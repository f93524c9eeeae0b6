import { randomUUID } from 'node:crypto';
import type { StoredRecord } from '../ledger/record.ts';
import type { Content, StoreSession } from '../ledger/store.ts';

/**
 * How a message that holds up its group stands. `waits` for an operator, who lets it run again (`runsAgain`) or has it parked
 * (`parked`): then it is acknowledged, and the letter that told of it is all that is left.
 */
export type BlockState = 'waits' | 'runsAgain' | 'parked';

export interface Block {
  readonly state: BlockState;
  /** When the message began to wait, in milliseconds since the epoch. */
  readonly since: number;
}

/** Longer than any queue keeps a message. Seconds. */
const TTL = 30 * 86_400;
/** Instead of a payload's fingerprint, which is longer. A record without it is a job's whose key looks like ours. */
const FINGERPRINT = 'blocked';

/** The statuses of job records that these states are written as. */
const STATUSES = { waits: 'dead', runsAgain: 'failed', parked: 'done' } as const;

/** Bounds of the time between two looks at a decision, and its share of the time that the group has waited. */
const [LEAST_MS, MOST_MS, SHARE] = [15_000, 1_800_000, 0.1];

/**
 * When a message that waits is looked at again: after 15 s at first, after half an hour in the end. Each look is a receive, and
 * in the fourteen days that the queue keeps the message there are about 730 of them. SQS moves it after 1,000.
 */
export function blockedDelayMs(waitedMs: number): number {
  return Math.min(MOST_MS, Math.max(LEAST_MS, waitedMs * SHARE));
}

/**
 * The messages of one queue that hold up their group, with a record in the ledger each: `blocked/<queue>/<SQS message id>`. The
 * worker writes that one waits, the operator's tool what was decided.
 */
export class Blocks {
  readonly #records: StoreSession;
  readonly #queue: string;
  readonly #now: () => number;

  /** @param queue its full name */
  constructor(records: StoreSession, queue: string, now: () => number) {
    this.#records = records;
    this.#queue = queue;
    this.#now = now;
  }

  /** @throws LedgerUnavailable */
  async find(messageId: string): Promise<Block | undefined> {
    const stored = await this.#read(messageId);
    if (!stored) return undefined;
    const state = (Object.keys(STATUSES) as BlockState[]).find((each) => STATUSES[each] === stored.status);
    return state && { state, since: (stored.ttl - TTL) * 1000 };
  }

  /** Notes that a message waits. @throws LedgerUnavailable, also where another program writes the record at the same time */
  async put(messageId: string): Promise<void> {
    const stored = await this.#read(messageId);
    const [entry, content] = [this.#entry(messageId), this.#content('waits', messageId)];
    const write = stored ? this.#records.replace(entry, content, stored) : this.#records.insert(entry, content);
    if (!(await this.#sent(write))) throw new Error('the record of the blocked message was changed by others');
  }

  /**
   * Writes an operator's decision. @returns whether the message waited for it; if not, nothing was changed
   *
   * @throws LedgerUnavailable
   */
  async decide(messageId: string, state: 'runsAgain' | 'parked'): Promise<boolean> {
    const stored = await this.#read(messageId);
    if (stored?.status !== STATUSES.waits) return false;
    const write = this.#records.replace(this.#entry(messageId), this.#content(state, messageId), stored);
    return await this.#sent(write);
  }

  async #read(messageId: string): Promise<StoredRecord | undefined> {
    const stored = await this.#records.read(this.#key(messageId));
    return stored?.fingerprint === FINGERPRINT && stored.ttl * 1000 > this.#now() ? stored : undefined;
  }

  /** Nothing else that this write could wait for is coming. */
  #sent<Result>(write: Promise<Result>): Promise<Result> {
    this.#records.flush();
    return write;
  }

  #key(messageId: string): string {
    return `blocked/${this.#queue}/${messageId}`;
  }

  #entry(messageId: string) {
    return { key: this.#key(messageId), type: 'blocked', fingerprint: FINGERPRINT, owner: randomUUID() };
  }

  #content(state: BlockState, messageId: string): Content {
    const now = this.#now();
    const stamp = { at: new Date(now).toISOString(), ttl: Math.floor(now / 1000) + TTL };
    const status = STATUSES[state];
    if (status === 'done') return { ...stamp, status, result: undefined };
    return { ...stamp, status, attempt: { messageId, receives: 0, runs: 0, error: '', retryAt: '' } };
  }
}

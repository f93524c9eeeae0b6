/** What became of the letters that a plan covers, each counted once. */
export interface Tally {
  /** Sent, and deleted here. */
  sent: number;
  /** Sent, and still here: the ledger makes the double harmless. */
  notDeleted: number;
  /** SQS took the request and refused the message; it stays. By SQS's code. */
  refused: Record<string, number>;
  /** Nobody answered: it may have been sent, and stays here all the same. */
  unanswered: number;
  /** Done before, so deleted here without being sent. */
  dropped: number;
  /** Covered, and it stays after all: it changed since the plan, or one before it in its FIFO group stayed. */
  kept: number;
}

/** A letter that was sent, as verifying needs it. */
export interface Departed {
  readonly letterId: string;
  /** The id that SQS gave the message on its queue. */
  readonly messageId: string;
  /** Undefined for what is no job by today's code. */
  readonly key: string | undefined;
  readonly fingerprint: string | undefined;
  /** Milliseconds since the epoch. */
  readonly sentAt: number;
}

export function emptyTally(): Tally {
  return { sent: 0, notDeleted: 0, refused: {}, unanswered: 0, dropped: 0, kept: 0 };
}

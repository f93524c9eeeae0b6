/** What a plan does with a letter; all others stay. */
export type PlannedAction = 'send' | 'drop';

/** Which letters a plan covers, by message id, and what is still to be done. 100,000 of them take 10 MB. */
export class PlannedLetters {
  readonly #actions = new Map<string, PlannedAction | 'finished'>();
  #finished = 0;

  get size(): number {
    return this.#actions.size;
  }

  /** Letters still to be sent or dropped. */
  get open(): number {
    return this.size - this.#finished;
  }

  plan(messageId: string, action: PlannedAction): void {
    this.#actions.set(messageId, action);
  }

  /**
   * Marks a letter that was sent, dropped or kept. One that was behind the head of its group was not planned; it now
   * counts.
   */
  finish(messageId: string): void {
    if (this.#actions.get(messageId) === 'finished') return;
    this.#actions.set(messageId, 'finished');
    this.#finished += 1;
  }

  /** Undefined where the plan does not cover the letter, or the letter is finished. */
  actionOn(messageId: string): PlannedAction | undefined {
    const action = this.#actions.get(messageId);
    return action === 'finished' ? undefined : action;
  }

  /** Whether the plan covers the letter, finished or not. */
  covers(messageId: string): boolean {
    return this.#actions.has(messageId);
  }
}

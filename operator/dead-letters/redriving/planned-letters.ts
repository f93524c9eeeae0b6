/** What a plan does with a letter; all others stay. */
export type PlannedAction = 'send' | 'drop';

/** Which letters a plan covers, by message id, and what is still to be done. 100,000 of them take 10 MB. */
export class PlannedLetters {
  readonly #actions = new Map<string, PlannedAction | 'finished'>();
  #finished = 0;

  get size(): number {
    return this.#actions.size;
  }

  /** Letters that nothing has become of yet. */
  get open(): number {
    return this.size - this.#finished;
  }

  plan(messageId: string, action: PlannedAction): void {
    this.#actions.set(messageId, action);
  }

  /** Something has become of the letter. One that could not be planned, behind the head of its group, counts from now on. */
  finish(messageId: string): void {
    if (this.#actions.get(messageId) === 'finished') return;
    this.#actions.set(messageId, 'finished');
    this.#finished += 1;
  }

  /** Undefined where the plan does not cover the letter, or something has become of it: it stays. */
  actionOn(messageId: string): PlannedAction | undefined {
    const action = this.#actions.get(messageId);
    return action === 'finished' ? undefined : action;
  }

  /** Whether the plan covers the letter, finished or not. */
  covers(messageId: string): boolean {
    return this.#actions.has(messageId);
  }
}

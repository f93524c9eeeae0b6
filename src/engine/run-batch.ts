import { NotStarted, PermanentError, TransientError } from '../errors.ts';
import { type Deadline, timeLimitError } from './deadline.ts';
import { Run } from './run.ts';
import { Slots } from './slots.ts';
import type { Verdict } from './verdict.ts';

/**
 * Runs `work` in a worker slot. Waits for a free one; the slot is held for exactly as long as `work` runs.
 *
 * @throws NotStarted when the invocation's time is spent first; TransientError when the run was aborted
 */
export type RunInSlot = <Result>(work: (run: Run) => Result | Promise<Result>) => Promise<Result>;

export interface BatchOptions<Item> {
  /** Handlers that run at once, at most. */
  readonly concurrency: number;
  readonly deadline: Deadline;
  /** Items of one lane run one after another, in order; an item without a lane waits for nobody. */
  laneOf(item: Item): string | undefined;
  /** Milliseconds that one run of this item may take. */
  timeLimitOf(item: Item): number;
  /** Brings an item to its verdict; the handler, and only the handler, goes through `runInSlot`. */
  process(item: Item, runInSlot: RunInSlot): Promise<Verdict>;
  /** Acts on a verdict. @returns whether the item may be acknowledged */
  settle(item: Item, verdict: Verdict): Promise<boolean>;
  /** No handler runs and none can start before something outside completes: whoever collects work should send it. */
  onIdle(): void;
}

export interface Outcome {
  /** Undefined where no verdict came in time: the item has failed. */
  readonly verdict: Verdict | undefined;
  readonly acknowledged: boolean;
  /** What `process` or `settle` threw against their contract. */
  readonly error?: unknown;
}

/** Whether a handler answered later; it need not be a Promise of this realm's own class. */
export function isPromiseLike<Result>(result: Result | PromiseLike<Result>): result is PromiseLike<Result> {
  return typeof (result as PromiseLike<Result> | null | undefined)?.then === 'function';
}

/**
 * Items in their slots and on the way there, for each slot: with three claimed ahead, no slot waits as long as a claim takes
 * less than three times as long as a job.
 */
const ADMITTED_PER_SLOT = 4;

/**
 * Items between their admission and their outcome, storing and settling included, whatever the size of the batch: it bounds
 * memory, and keeps what is alive small enough for cheap collections. Enough for sixteen requests of 25 under way and
 * as many records again as the next four take.
 */
const MAX_UNDER_WAY = 500;

const NO_VERDICT: Outcome = { verdict: undefined, acknowledged: false };

/**
 * Runs a batch of any size with bounded concurrency and answers before its deadline: with one outcome per item, in the
 * items' order. What has not started when the time for jobs is spent is `notStarted`; what has no verdict when the
 * answer is due counts as failed. Items before their handler are admitted up to four times the concurrency, so that claims
 * overlap with work; items after it (storing, settling) hold no slot, and no more than 500 items are under way at all.
 */
export function runBatch<Item>(items: readonly Item[], options: BatchOptions<Item>): Promise<Outcome[]> {
  return new Promise((resolve) => new Batch(items, options, resolve).start());
}

class Batch<Item> {
  readonly #items: readonly Item[];
  readonly #options: BatchOptions<Item>;
  readonly #answer: (outcomes: Outcome[]) => void;
  readonly #slots: Slots;
  readonly #active = new Set<Run>();
  readonly #outcomes: Outcome[];
  /** The first item of each lane, and every item without one; then who follows whom. */
  readonly #heads: number[] = [];
  readonly #followers = new Map<number, number>();
  readonly #unlocked: number[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #nextHead = 0;
  #admitted = 0;
  #underWay = 0;
  #admitting = false;
  #idle: NodeJS.Immediate | undefined;
  #unsettled: number;
  #isOver = false;
  #answered = false;

  constructor(items: readonly Item[], options: BatchOptions<Item>, answer: (outcomes: Outcome[]) => void) {
    this.#items = items;
    this.#options = options;
    this.#answer = answer;
    this.#slots = new Slots(options.concurrency);
    this.#outcomes = new Array(items.length).fill(NO_VERDICT);
    this.#unsettled = items.length;
  }

  start(): void {
    const { deadline } = this.#options;
    this.#layLanes();
    this.#timers.push(
      setTimeout(() => this.#abortRuns(), deadline.until(deadline.abortAt)),
      setTimeout(() => this.#finish(), deadline.until(deadline.answerAt)),
    );
    if (this.#unsettled === 0) this.#finish();
    this.#admit();
  }

  #layLanes(): void {
    const last = new Map<string, number>();
    for (const [index, item] of this.#items.entries()) {
      const lane = this.#options.laneOf(item);
      const before = lane === undefined ? undefined : last.get(lane);
      if (before === undefined) this.#heads.push(index);
      else this.#followers.set(before, index);
      if (lane !== undefined) last.set(lane, index);
    }
  }

  #admit(): void {
    // A handler that answers at once leaves while the loop below still admits it: the loop goes on by itself.
    if (this.#admitting) return;
    this.#admitting = true;
    const window = ADMITTED_PER_SLOT * this.#options.concurrency;
    while (this.#admitted < window && this.#hasRoom() && !this.#answered) {
      const index = this.#unlocked.pop() ?? this.#heads[this.#nextHead++];
      if (index === undefined) break;
      this.#admitted += 1;
      this.#underWay += 1;
      void this.#bringToOutcome(index);
    }
    this.#admitting = false;
    if (this.#admitted === 0) this.#sayIdle();
  }

  /** Once jobs must have ended, what is left only has to be told so. */
  #hasRoom(): boolean {
    return this.#underWay < MAX_UNDER_WAY || this.#isOver;
  }

  /** After this turn: what the last handlers returned is then on its way to the ledger. */
  #sayIdle(): void {
    if (this.#idle) return;
    this.#idle = setImmediate(() => {
      this.#idle = undefined;
      if (this.#admitted === 0 && !this.#answered) this.#options.onIdle();
    });
  }

  async #bringToOutcome(index: number): Promise<void> {
    const item = this.#items[index] as Item;
    let admitted = true;
    const leave = () => {
      if (!admitted) return;
      admitted = false;
      this.#admitted -= 1;
      this.#admit();
    };

    let outcome = NO_VERDICT;
    try {
      const limit = this.#options.timeLimitOf(item);
      const verdict: Verdict =
        this.#options.deadline.limitFor(limit) === undefined
          ? { kind: 'notStarted' }
          : await this.#options.process(item, (work) => this.#runInSlot(limit, work, leave));
      this.#unlockFollower(index);
      leave();
      outcome = { verdict, acknowledged: false };
      outcome = { verdict, acknowledged: await this.#options.settle(item, verdict) };
    } catch (error) {
      this.#unlockFollower(index);
      leave();
      outcome = { ...outcome, error };
    }
    if (this.#answered) return;
    this.#outcomes[index] = outcome;
    this.#unsettled -= 1;
    this.#underWay -= 1;
    if (this.#unsettled === 0) this.#finish();
    else this.#admit();
  }

  #unlockFollower(index: number): void {
    const follower = this.#followers.get(index);
    if (follower === undefined) return;
    this.#followers.delete(index);
    this.#unlocked.push(follower);
    this.#admit();
  }

  async #runInSlot<Result>(
    timeLimitMs: number,
    work: (run: Run) => Result | Promise<Result>,
    leave: () => void,
  ): Promise<Result> {
    const taken = this.#slots.take();
    const slot = typeof taken === 'number' ? taken : await taken;
    try {
      const limit = this.#options.deadline.limitFor(timeLimitMs);
      if (limit === undefined) throw new NotStarted("the invocation's time was spent before the job could start");
      const run = new Run(slot);
      const result = work(run);
      // A handler that answers at once needs no timer and cannot be aborted.
      return isPromiseLike(result) ? await this.#guarded(run, result, limit) : result;
    } finally {
      this.#slots.give(slot);
      leave();
    }
  }

  async #guarded<Result>(run: Run, result: PromiseLike<Result>, limit: number): Promise<Result> {
    this.#active.add(run);
    const timer = setTimeout(() => run.abort(timeLimitError(limit)), limit);
    try {
      return await result;
    } catch (error) {
      // An aborted handler throws whatever its libraries make of it; the reason says more.
      throw run.reason && !(error instanceof PermanentError) ? run.reason : error;
    } finally {
      clearTimeout(timer);
      this.#active.delete(run);
    }
  }

  #abortRuns(): void {
    const reason = new TransientError("the invocation's time was spent; the job was aborted");
    for (const run of this.#active) run.abort(reason);
    this.#isOver = true;
    this.#admit();
  }

  #finish(): void {
    if (this.#answered) return;
    this.#answered = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const run of this.#active) run.abort(new TransientError('the invocation has answered'));
    this.#answer(this.#outcomes);
  }
}

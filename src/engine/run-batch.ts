import { Deferred, GivenUp, NotStarted, PermanentError, TransientError } from '../failures/errors.ts';
import { isA } from '../failures/thrown.ts';
import type { BatchOptions, Outcome } from './batch-options.ts';
import { timeLimitError } from './deadline.ts';
import { Lanes } from './lanes.ts';
import { Run } from './run.ts';
import { Slots } from './slots.ts';
import { AFTER_ALL_OTHERS, type Verdict } from './verdict.ts';

/** Whether a handler returned a promise. Another library's promise counts too. */
export function isPromiseLike<Result>(result: Result | PromiseLike<Result>): result is PromiseLike<Result> {
  return typeof (result as PromiseLike<Result> | null | undefined)?.then === 'function';
}

/** Errors of an aborted handler that count instead of the reason of the abort. */
const KNOWS_BETTER = [PermanentError, GivenUp, Deferred];

/**
 * Items that may be before or in their handler, for each slot. One is in the slot and three are claimed ahead. So no
 * slot stays empty as long as a claim takes less than three times as long as a job.
 */
const ADMITTED_PER_SLOT = 4;

/**
 * Items from their admission to their outcome, with storing and settling, whatever the size of the batch. It bounds
 * memory, so garbage collection stays cheap. 500 are enough for sixteen requests of 25 items under way, and for the
 * items of the next four requests.
 */
const MAX_UNDER_WAY = 500;

/**
 * Runs a batch of any size with bounded concurrency, and answers before its deadline. The answer has one outcome for
 * each item, in the items' order, each with a verdict. An item that has not started when the time for jobs ends is
 * `notStarted`. An item that has started and has no verdict when stores end gets one from `lastWord`, in time to carry
 * it out.
 *
 * At most four times the concurrency are admitted before or in their handler, so that claims overlap with work. Items
 * after their handler (storing, settling) hold no slot. At most 500 items are under way in all.
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
  /** Items whose handler was called. */
  readonly #started = new Set<number>();
  /** Undefined until there is a verdict. */
  readonly #outcomes: (Outcome | undefined)[];
  readonly #lanes: Lanes;
  readonly #stops: boolean;
  /** Items that must run alone, after all others. */
  readonly #alone: number[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  #admitted = 0;
  #underWay = 0;
  #admitting = false;
  #idle: NodeJS.Immediate | undefined;
  #unsettled: number;
  #isAlone = false;
  #makesWay = false;
  #isOver = false;
  #answered = false;

  constructor(items: readonly Item[], options: BatchOptions<Item>, answer: (outcomes: Outcome[]) => void) {
    this.#items = items;
    this.#options = options;
    this.#answer = answer;
    this.#slots = new Slots(options.concurrency);
    this.#outcomes = new Array(items.length).fill(undefined);
    this.#unsettled = items.length;
    this.#lanes = new Lanes(items.map((item) => options.laneOf(item)));
    this.#stops = options.afterFailure === 'stop';
  }

  start(): void {
    const { deadline } = this.#options;
    const points: [number, () => void][] = [
      [deadline.aloneAt, () => this.#makeWay()],
      [deadline.abortAt, () => this.#abortRuns()],
      [deadline.giveUpAt, () => this.#giveUpRuns()],
      [deadline.settleAt, () => this.#endStores()],
      [deadline.answerAt, () => this.#finish()],
    ];
    this.#timers.push(...points.map(([at, act]) => setTimeout(act, deadline.until(at))));
    if (this.#unsettled === 0) this.#finish();
    this.#admit();
  }

  #admit(): void {
    // A handler that returns at once calls this again while the loop below admits its item. The loop then simply goes
    // on.
    if (this.#admitting) return;
    this.#admitting = true;
    const window = ADMITTED_PER_SLOT * this.#options.concurrency;
    while (this.#admitted < window && this.#hasRoom() && !this.#answered) {
      const index = this.#lanes.next();
      if (index === undefined) break;
      this.#admitted += 1;
      this.#underWay += 1;
      void this.#bringToOutcome(index);
    }
    this.#admitting = false;
    if (this.#admitted === 0) this.#sayIdle();
    if (this.#alone.length > 0 && (this.#underWay === 0 || this.#isOver)) void this.#goOnAlone();
  }

  /** Once the time for jobs is over there is always room, because the remaining items only become `notStarted`. */
  #hasRoom(): boolean {
    if (this.#isOver) return true;
    if (this.#makesWay && this.#alone.length > 0) return false;
    return this.#underWay < (this.#isAlone ? 1 : MAX_UNDER_WAY);
  }

  /** Items that wait to run alone must get a turn, even if the rest of the batch is large. */
  #makeWay(): void {
    this.#makesWay = true;
    this.#admit();
  }

  /**
   * Waits for the end of this turn of the event loop. By then the last handlers' results are on their way to the
   * ledger. In lanes that stop, items wait for the results before them, so each result is sent without waiting for more.
   */
  #sayIdle(): void {
    if (this.#idle) return;
    this.#idle = setImmediate(() => {
      this.#idle = undefined;
      if ((this.#admitted === 0 || this.#stops) && !this.#answered) this.#options.onIdle();
    });
  }

  /**
   * Called when nothing is under way, or when the time for jobs is over. An item that shares a lane with one that runs
   * alone also runs alone.
   */
  async #goOnAlone(): Promise<void> {
    const left = this.#lanes.replaceHeads(this.#alone.splice(0));
    const isFirst = !this.#isAlone && !this.#isOver;
    if (isFirst) {
      // Counts one item too many, so that nothing is admitted during the preparation.
      this.#underWay += 1;
      this.#isAlone = true;
    }
    // These items gave way to those that run alone. They go back to the queue, where another invocation may take them.
    for (const index of left) this.#leaveOut(index);
    if (isFirst) {
      const acknowledged = this.#items.filter((_, index) => this.#outcomes[index]?.acknowledged);
      await this.#options.beforeAlone(acknowledged).catch(() => {});
      this.#underWay -= 1;
    }
    this.#admit();
  }

  async #bringToOutcome(index: number): Promise<void> {
    const item = this.#items[index] as Item;
    let admitted = true;
    const leave = () => {
      if (!admitted) return;
      admitted = false;
      this.#admitted -= 1;
      this.#admit();
      if (this.#stops) this.#sayIdle();
    };

    let verdict: Verdict | typeof AFTER_ALL_OTHERS;
    // Asked for again before the run, because processing may find out more about the item.
    const limitNow = () => this.#options.deadline.limitFor(this.#options.timeLimitOf(item));
    try {
      verdict =
        limitNow() === undefined
          ? { kind: 'notStarted' }
          : await this.#options.process(item, (work) => this.#runInSlot(index, limitNow, work, leave), this.#isAlone);
    } catch (error) {
      verdict = this.#options.lastWord(item, error);
    }
    if (verdict === AFTER_ALL_OTHERS && !this.#outcomes[index]) {
      this.#alone.push(index);
      this.#underWay -= 1;
      leave();
    } else {
      const concluded = verdict === AFTER_ALL_OTHERS ? undefined : this.#conclude(index, verdict);
      leave();
      // Items that are being settled would otherwise wait for more items, and none come.
      if (this.#admitted === 0 || this.#stops) this.#sayIdle();
      await concluded;
    }
  }

  /** Only the first verdict on an item counts. */
  async #conclude(index: number, verdict: Verdict): Promise<void> {
    if (this.#outcomes[index]) return;
    this.#outcomes[index] = { verdict, acknowledged: false };
    const stops = this.#stops;
    if (!stops) this.#release(index);
    const item = this.#items[index] as Item;
    let outcome: Outcome;
    try {
      outcome = { verdict, acknowledged: await this.#options.settle(item, verdict) };
    } catch (error) {
      outcome = { verdict, acknowledged: false, error };
    }
    if (this.#answered) return;
    this.#outcomes[index] = outcome;
    if (stops && outcome.acknowledged) this.#release(index);
    else if (stops) this.#stopLane(index);
    this.#unsettled -= 1;
    this.#underWay -= 1;
    if (this.#unsettled === 0) this.#finish();
    else this.#admit();
  }

  #release(index: number): void {
    this.#lanes.release(index);
    this.#admit();
  }

  /** The rest of the lane is not started. All at once, so that what settles them shares requests. */
  #stopLane(index: number): void {
    const rest: number[] = [];
    for (let next = this.#lanes.cut(index); next !== undefined; next = this.#lanes.cut(next)) rest.push(next);
    for (const each of rest) this.#leaveOut(each);
  }

  #leaveOut(index: number): void {
    this.#underWay += 1;
    void this.#conclude(index, { kind: 'notStarted' });
  }

  async #runInSlot<Result>(
    index: number,
    limitNow: () => number | undefined,
    work: (run: Run) => Result | Promise<Result>,
    leave: () => void,
  ): Promise<Result> {
    const taken = this.#slots.take();
    const slot = typeof taken === 'number' ? taken : await taken;
    try {
      const limit = limitNow();
      if (limit === undefined) throw tooLateToStart();
      this.#started.add(index);
      const run = new Run(slot);
      const result = work(run);
      // A handler that returns at once needs no timer and cannot be aborted.
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
      return await run.answerOf(result);
    } catch (error) {
      // An aborted handler may throw any error of its libraries. The reason of the abort says more.
      throw KNOWS_BETTER.some((type) => isA(error, type)) ? error : (run.reason ?? error);
    } finally {
      clearTimeout(timer);
      this.#active.delete(run);
    }
  }

  /** The time for jobs is over. Items that wait for a slot have not started. Handlers that run are aborted. */
  #abortRuns(): void {
    this.#isOver = true;
    this.#slots.close(tooLateToStart);
    const reason = new TransientError("the invocation's time was spent; the job was aborted");
    for (const run of this.#active) run.abort(reason);
    this.#admit();
  }

  #giveUpRuns(): void {
    for (const run of this.#active) run.giveUp(new GivenUp());
  }

  /**
   * Writes that are not stored yet fail within this turn of the event loop. Then all items without a verdict get one,
   * in time to carry it out.
   */
  #endStores(): void {
    this.#options.onStoresEnd();
    setImmediate(() => {
      for (const [index, item] of this.#items.entries()) {
        if (this.#outcomes[index]) continue;
        const verdict: Verdict = this.#started.has(index) ? this.#options.lastWord(item) : { kind: 'notStarted' };
        void this.#conclude(index, verdict);
      }
      setImmediate(() => this.#options.onIdle());
    });
  }

  #finish(): void {
    if (this.#answered) return;
    this.#answered = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const run of this.#active) run.abort(new TransientError('the invocation has answered'));
    this.#answer(this.#items.map((item, index) => this.#outcomes[index] ?? this.#withoutVerdict(item)));
  }

  /** Needed only where the event loop was blocked until after the end of stores. */
  #withoutVerdict(item: Item): Outcome {
    return { verdict: this.#options.lastWord(item), acknowledged: false };
  }
}

function tooLateToStart(): NotStarted {
  return new NotStarted("the invocation's time was spent before the job could start");
}

import { isA } from '../failures/classify.ts';
import { Deferred, GivenUp, NotStarted, PermanentError, TransientError } from '../failures/errors.ts';
import type { BatchOptions, Outcome } from './batch-options.ts';
import { timeLimitError } from './deadline.ts';
import { Lanes } from './lanes.ts';
import { Run } from './run.ts';
import { Slots } from './slots.ts';
import { AFTER_ALL_OTHERS, type Verdict } from './verdict.ts';

/** Whether a handler answered later; it need not be a Promise of this realm's own class. */
export function isPromiseLike<Result>(result: Result | PromiseLike<Result>): result is PromiseLike<Result> {
  return typeof (result as PromiseLike<Result> | null | undefined)?.then === 'function';
}

/** What a handler says although it was aborted, and is believed. */
const KNOWS_BETTER = [PermanentError, GivenUp, Deferred];

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

/**
 * Runs a batch of any size with bounded concurrency and answers before its deadline: with one outcome per item, in the
 * items' order, each with a verdict. What has not started when the time for jobs is spent is `notStarted`; what has started
 * and reached no verdict when stores end gets a last word, in time to act on it. Items before their handler are admitted up to four
 * times the concurrency, so that claims overlap with work; items after it (storing, settling) hold no slot, and no more
 * than 500 items are under way at all.
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
  /** Those that run alone, once nothing else is left. */
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
    // A handler that answers at once leaves while the loop below still admits it: the loop goes on by itself.
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

  /** Once jobs must have ended, what is left only has to be told so. */
  #hasRoom(): boolean {
    if (this.#isOver) return true;
    if (this.#makesWay && this.#alone.length > 0) return false;
    return this.#underWay < (this.#isAlone ? 1 : MAX_UNDER_WAY);
  }

  /** However much there is to do, those that wait to run alone must not wait for ever. */
  #makeWay(): void {
    this.#makesWay = true;
    this.#admit();
  }

  /** After this turn: what the last handlers returned is then on its way to the ledger. */
  #sayIdle(): void {
    if (this.#idle) return;
    this.#idle = setImmediate(() => {
      this.#idle = undefined;
      if (this.#admitted === 0 && !this.#answered) this.#options.onIdle();
    });
  }

  /**
   * Nothing is under way now, or the time for jobs is spent. Whoever shares a lane with an item that runs alone runs alone as
   * well.
   */
  async #goOnAlone(): Promise<void> {
    const left = this.#lanes.replaceHeads(this.#alone.splice(0));
    const isFirst = !this.#isAlone && !this.#isOver;
    if (isFirst) {
      // One more than there are: nothing is admitted while this is prepared.
      this.#underWay += 1;
      this.#isAlone = true;
    }
    // They have made way: another invocation may take them now.
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
    };

    let verdict: Verdict | typeof AFTER_ALL_OTHERS;
    try {
      const limit = this.#options.timeLimitOf(item);
      verdict =
        this.#options.deadline.limitFor(limit) === undefined
          ? { kind: 'notStarted' }
          : await this.#options.process(item, (work) => this.#runInSlot(index, limit, work, leave), this.#isAlone);
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
      // What settles now would otherwise wait for company that does not come.
      if (this.#admitted === 0) this.#sayIdle();
      await concluded;
    }
  }

  /** The first verdict counts: a late one finds its item settled. */
  async #conclude(index: number, verdict: Verdict): Promise<void> {
    if (this.#outcomes[index]) return;
    this.#outcomes[index] = { verdict, acknowledged: false };
    const stops = this.#options.afterFailure === 'stop';
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

  /** Whoever follows has not started; its own end stops the next. */
  #stopLane(index: number): void {
    const follower = this.#lanes.cut(index);
    if (follower !== undefined) this.#leaveOut(follower);
  }

  #leaveOut(index: number): void {
    this.#underWay += 1;
    void this.#conclude(index, { kind: 'notStarted' });
  }

  async #runInSlot<Result>(
    index: number,
    timeLimitMs: number,
    work: (run: Run) => Result | Promise<Result>,
    leave: () => void,
  ): Promise<Result> {
    const taken = this.#slots.take();
    const slot = typeof taken === 'number' ? taken : await taken;
    try {
      const limit = this.#options.deadline.limitFor(timeLimitMs);
      if (limit === undefined) throw tooLateToStart();
      this.#started.add(index);
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
      return await run.answerOf(result);
    } catch (error) {
      // An aborted handler throws whatever its libraries make of it; the reason says more.
      throw KNOWS_BETTER.some((type) => isA(error, type)) ? error : (run.reason ?? error);
    } finally {
      clearTimeout(timer);
      this.#active.delete(run);
    }
  }

  /** The time for jobs is spent: whoever waits for a slot has not started, and what runs is told to end. */
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

  /** What could not be stored is told so within this turn; then the rest gets a last word, in time to act on it. */
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

  /** Only where the event loop was blocked past the end of stores. */
  #withoutVerdict(item: Item): Outcome {
    return { verdict: this.#options.lastWord(item), acknowledged: false };
  }
}

function tooLateToStart(): NotStarted {
  return new NotStarted("the invocation's time was spent before the job could start");
}

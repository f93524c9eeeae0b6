import { TransientError } from '../failures/errors.ts';

/** After this share of the time for jobs, only suspects start, one after another, if any wait to run alone. */
const COMPANY_SHARE = 0.5;
/** Milliseconds after jobs must have ended, to store results, copy dead letters and defer messages. */
const SETTLE_MS = 2_000;
/** Milliseconds after stores end, to tell SQS about what could not be stored, and to answer Lambda. */
const ANSWER_MS = 600;
/** An aborted handler may still end within this share of the time to settle. After that it is given up. */
const LAST_WORD_SHARE = 0.5;
/** In a short invocation, settling and answering take at most these shares of its time. */
const SETTLE_SHARE = 0.2;
const ANSWER_SHARE = 0.1;
/**
 * Where the time for jobs is short, a job may take at most this share of it: half to start jobs, half for the last to
 * end.
 */
const SHORT_SHARE = 0.5;

/**
 * The points in time of an invocation, in milliseconds on the clock `now`. Jobs are aborted at `abortAt`. Those that
 * still run are given up at `giveUpAt`. Stores end at `settleAt`. The answer goes out at `answerAt` at the latest. At
 * `endsAt` Lambda would kill the process, and the whole batch would come back.
 */
export class Deadline {
  readonly startedAt: number;
  /** From here on, items that run alone have their turn. */
  readonly aloneAt: number;
  readonly abortAt: number;
  readonly giveUpAt: number;
  readonly settleAt: number;
  readonly answerAt: number;
  readonly endsAt: number;
  readonly #now: () => number;

  /**
   * @param remainingMs what `context.getRemainingTimeInMillis()` returns at the start
   * @param now a clock that, unlike the wall clock, is never set back or forward
   */
  constructor(remainingMs: number, now: () => number = () => performance.now()) {
    const answer = Math.min(ANSWER_MS, remainingMs * ANSWER_SHARE);
    const settle = Math.min(SETTLE_MS, remainingMs * SETTLE_SHARE);
    this.#now = now;
    this.startedAt = now();
    this.endsAt = this.startedAt + remainingMs;
    this.answerAt = this.endsAt - answer / 2;
    this.settleAt = this.endsAt - answer;
    this.abortAt = this.settleAt - settle;
    this.aloneAt = this.startedAt + (this.abortAt - this.startedAt) * COMPANY_SHARE;
    this.giveUpAt = this.abortAt + settle * LAST_WORD_SHARE;
  }

  /** Milliseconds until `at`, at least 0. */
  until(at: number): number {
    return Math.max(0, at - this.#now());
  }

  /**
   * The time limit for a job that would start now. It is the job's own limit, or half of the time that this invocation
   * had for jobs, whichever is shorter. So a job whose limit is too long for any invocation still runs in a fresh one.
   *
   * @returns milliseconds, or undefined when the job must not start any more
   */
  limitFor(timeLimitMs: number): number | undefined {
    const now = this.#now();
    const limit = Math.min(timeLimitMs, (this.abortAt - this.startedAt) * SHORT_SHARE);
    return now + limit <= this.abortAt ? limit : undefined;
  }
}

/** The reason of an abort: the job ran longer than its time limit. */
export function timeLimitError(limitMs: number): TransientError {
  return new TransientError(`the job took longer than its time limit of ${Math.round(limitMs)} ms and was aborted`);
}

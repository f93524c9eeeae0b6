import { TransientError } from '../failures/errors.ts';

/** Of the time for jobs, the share after which no more start in company while some wait to run alone. */
const COMPANY_SHARE = 0.5;
/** Time to store results, copy dead letters and defer messages once jobs must have ended; milliseconds. */
const SETTLE_MS = 2_000;
/** Time to tell SQS about what could not be stored, and to answer Lambda; milliseconds. */
const ANSWER_MS = 600;
/** Of the time to settle, the share in which an aborted handler may still end. Then the job is given up. */
const LAST_WORD_SHARE = 0.5;
/** Never more than this share of a short invocation goes to settling or answering. */
const SETTLE_SHARE = 0.2;
const ANSWER_SHARE = 0.1;
/** Of an invocation that is shorter than a job's time limit: half of it to start jobs in, half for the last to end. */
const SHORT_SHARE = 0.5;

/**
 * The points in time that an invocation must not pass, in milliseconds on the clock `now`: jobs are aborted (`abortAt`),
 * given up if that did not end them (`giveUpAt`), then stores end (`settleAt`), then the answer goes out (`answerAt`), and
 * only then would Lambda kill the process and return the whole batch.
 */
export class Deadline {
  readonly startedAt: number;
  /** From here on those that run alone have their turn. */
  readonly aloneAt: number;
  readonly abortAt: number;
  readonly giveUpAt: number;
  readonly settleAt: number;
  readonly answerAt: number;
  readonly endsAt: number;
  readonly #now: () => number;

  /**
   * @param remainingMs what `context.getRemainingTimeInMillis()` says at the start
   * @param now a clock that is never set back or forward, as the wall clock is
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
   * The time limit for a job that would start now: its own, or, where the invocation is too short for that, half of what
   * it had for jobs when it began. So a job that never fits still runs in a fresh invocation.
   *
   * @returns milliseconds, or undefined when the job must not start any more
   */
  limitFor(timeLimitMs: number): number | undefined {
    const now = this.#now();
    const limit = Math.min(timeLimitMs, (this.abortAt - this.startedAt) * SHORT_SHARE);
    return now + limit <= this.abortAt ? limit : undefined;
  }
}

/** Why a job's signal aborted: it ran for longer than it may. */
export function timeLimitError(limitMs: number): TransientError {
  return new TransientError(`the job took longer than its time limit of ${Math.round(limitMs)} ms and was aborted`);
}

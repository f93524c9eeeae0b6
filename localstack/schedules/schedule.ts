import { Cron } from 'croner';
import { readSchedule } from './expression.ts';

/** The longest time that Node's timers can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls back at the times of a schedule expression, until it is stopped. It does not keep the process alive. */
export class Schedule {
  readonly expression: string;
  readonly #stop: () => void;

  /** @throws {ScheduleError} for an expression that EventBridge refuses */
  constructor(expression: string, fire: () => void, timezone = 'UTC') {
    this.expression = expression;
    const timing = readSchedule(expression);
    if ('everyMs' in timing) this.#stop = every(timing.everyMs, fire);
    else {
      const pattern = 'pattern' in timing ? timing.pattern : timing.at;
      const cron = new Cron(pattern, { timezone, unref: true }, fire);
      this.#stop = () => cron.stop();
    }
  }

  stop() {
    this.#stop();
  }
}

/** The first call is after one whole interval, as on EventBridge. */
function every(milliseconds: number, fire: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    const now = Math.min(left, LONGEST_TIMER_MS);
    timer = setTimeout(() => {
      if (left === now) fire();
      wait(left === now ? milliseconds : left - now);
    }, now);
    timer.unref();
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}

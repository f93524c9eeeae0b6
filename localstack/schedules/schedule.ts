import { Cron } from 'croner';
import { readSchedule } from './expression.ts';

/** The longest wait that a timer of Node takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls back whenever a schedule expression says so, until it is stopped. It does not keep the process alive. */
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

/** The first time after one whole interval, as EventBridge does. */
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

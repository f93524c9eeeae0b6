import type { Verdict } from '../engine/verdict.ts';

/** Different reasons that one log line holds. */
const MOST_REASONS = 10;

/** What happened to the records of one invocation. */
export class Report {
  readonly records: number;
  /** On the monotonic clock, milliseconds. */
  readonly started = performance.now();
  readonly verdicts: Record<Verdict['kind'], number> = {
    done: 0,
    duplicate: 0,
    retry: 0,
    dead: 0,
    deferred: 0,
    notStarted: 0,
  };
  /** Records that are no job: subset of `dead`. */
  invalid = 0;
  /** Records sent back to their queue as a copy, with a fresh receive count: subset of `deferred` and `notStarted`. */
  requeued = 0;
  /** Records that Lambda may delete. */
  acknowledged = 0;
  /** Records that reached no verdict by themselves, or whose verdict could not be acted on: a fault of ours or a middleware's. */
  unfinished = 0;
  /** Why messages came back that were not at fault, and how many for each. */
  readonly deferrals: Record<string, number> = {};
  /** Milliseconds that each handler ran. */
  readonly durations: number[] = [];
  /** Requests that failed, throttles not counted. */
  readonly errors = { ledgerCheck: 0, ledgerSave: 0, queueSend: 0, queueVisibility: 0 };

  constructor(records: number) {
    this.records = records;
  }

  noteDeferral(why: string): void {
    const told = why in this.deferrals || Object.keys(this.deferrals).length < MOST_REASONS ? why : 'other reasons';
    this.deferrals[told] = (this.deferrals[told] ?? 0) + 1;
  }
}

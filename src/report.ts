import type { Verdict } from './engine/verdict.ts';

/** What happened to the records of one invocation. */
export class Report {
  records = 0;
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
  returned = 0;
  /** Records that Lambda may delete. */
  acknowledged = 0;
  /** Records without a verdict when the answer was due. */
  unfinished = 0;
  /** Milliseconds that each handler ran. */
  readonly durations: number[] = [];
  /** Requests that failed, throttles not counted. */
  readonly errors = { ledgerCheck: 0, ledgerSave: 0, queueSend: 0, queueVisibility: 0 };
}

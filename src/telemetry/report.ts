import type { Verdict } from '../engine/verdict.ts';

/** The most different reasons in one log line. */
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
  /** The message groups among them; undefined where no record has one. */
  groups: { messages: number; distinct: number; largest: { id: string; messages: number } } | undefined;
  /** Records that hold no job; they are also counted in `dead`. */
  invalid = 0;
  /** Records that were requeued; they are also counted in `retry`, `deferred` or `notStarted`. */
  requeued = 0;
  /** Records whose copy went to the retry queue; they are also counted in `retry`. */
  delayed = 0;
  /** Messages that were sent to the next step of a chain. */
  handedOver = 0;
  /** Records that hold up their message group until an operator decides. */
  blocked = 0;
  /** Records that Lambda may delete. */
  acknowledged = 0;
  /**
   * Records without a verdict of their own, or whose verdict could not be carried out. The cause is our code or a
   * middleware.
   */
  unfinished = 0;
  /** Why messages came back that were not at fault, with a count for each reason. */
  readonly deferrals: Record<string, number> = {};
  /** Milliseconds that each handler ran. */
  readonly durations: number[] = [];
  /**
   * Failed ledger requests (reads, writes), and messages that could not be sent or deleted, or whose visibility could not be
   * changed; `queueUrl` are those of them for which SQS knew no such queue. Requests that are simply tried again do not count.
   */
  readonly errors = { ledgerCheck: 0, ledgerSave: 0, queueSend: 0, queueVisibility: 0, queueDelete: 0, queueUrl: 0 };

  constructor(records: number) {
    this.records = records;
  }

  noteDeferral(why: string): void {
    const told = why in this.deferrals || Object.keys(this.deferrals).length < MOST_REASONS ? why : 'other reasons';
    this.deferrals[told] = (this.deferrals[told] ?? 0) + 1;
  }
}

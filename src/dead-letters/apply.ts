import type { SQSClient } from '@aws-sdk/client-sqs';
import type { AssessOptions } from './assess.ts';
import type { Pacer } from './pacer.ts';
import type { PlannedIds } from './planned-ids.ts';
import { type Departed, emptyTally, redrive, type Tally } from './redrive.ts';
import { emptyVerified, type Verified, verify } from './verify.ts';

/** One dead-letter queue, and the queue that its letters go to. */
export interface Route {
  /** The queue's short name. */
  readonly queue: string;
  readonly from: { readonly url: string; readonly arn: string; readonly fifo: boolean };
  readonly to: { readonly url: string; readonly arn: string; readonly fifo: boolean };
  /** Where a job that fails again after it went to `to` ends. */
  readonly diesTo: string;
}

export interface ApplyOptions {
  readonly sqs: SQSClient;
  readonly planned: PlannedIds;
  readonly plannedAt: number;
  assessing(route: Route): AssessOptions;
  readonly pacer: Pacer;
  /** So many first; the rest only if all of them are done. 0: no canary. */
  readonly canary: number;
  /** Letters to send at most. */
  readonly most: number;
  readonly verify: boolean;
  /** For a canary and for verifying: gives up after so long without a new outcome, milliseconds. */
  readonly timeoutMs: number;
  readonly visibilitySeconds: number | undefined;
  readonly signal: AbortSignal;
  /** Told the counts so far; they go on changing. */
  onProgress?(tally: Tally, verified: Verified): void;
}

export interface Applied {
  readonly tally: Tally;
  readonly verified: Verified;
  readonly canary: 'none' | 'passed' | 'failed';
  /** Covered by the plan, and not found any more: another consumer took them, or holds them. */
  readonly gone: number;
  /** Covered by the plan, and left where they are: by `most`, a failed canary, or an interruption. */
  readonly left: number;
}

/** Letters whose outcome is waited for at once: what bounds the memory of verifying. */
const WINDOW = 5_000;

/** Applies a plan to every queue that it covers: the canary, then the rest. */
export async function applyPlan(routes: readonly Route[], options: ApplyOptions): Promise<Applied> {
  const tally = emptyTally();
  const verified = emptyVerified();
  const application = new Application(routes, options, tally, verified);
  const { canary, most, planned, signal } = options;
  if (canary > 0 && (planned.open > 0 || routes.some(({ from }) => from.fifo))) {
    await application.sendOff(Math.min(canary, most), true);
    if (!allWell(tally, verified)) return { tally, verified, canary: 'failed', gone: 0, left: planned.open };
  }
  await application.sendOff(most - application.departed, options.verify);
  const stopped = signal.aborted || application.departed >= most;
  return {
    tally,
    verified,
    canary: canary > 0 ? 'passed' : 'none',
    gone: stopped ? 0 : planned.open,
    left: stopped ? planned.open : 0,
  };
}

/** Whether nothing is doubtful: every letter left, and none of those that were waited for failed. */
export function allWell({ notDeleted, refused, unanswered }: Tally, verified: Verified): boolean {
  const failed = verified.deadAgain + verified.stillQueued + verified.unaccounted;
  return failed + notDeleted + unanswered + Object.keys(refused).length === 0;
}

class Application {
  departed = 0;
  readonly #routes: readonly Route[];
  readonly #options: ApplyOptions;
  readonly #tally: Tally;
  readonly #verified: Verified;

  constructor(routes: readonly Route[], options: ApplyOptions, tally: Tally, verified: Verified) {
    this.#routes = routes;
    this.#options = options;
    this.#tally = tally;
    this.#verified = verified;
  }

  /** Sends up to `most` letters, queue by queue; where their outcome counts, no more than a window's before it is known. */
  async sendOff(most: number, isVerified: boolean): Promise<void> {
    let left = most;
    for (const route of this.#routes) {
      for (;;) {
        const size = isVerified ? Math.min(WINDOW, left) : left;
        const sent = await this.#window(route, size, isVerified);
        left -= sent;
        if (left <= 0 || this.#options.signal.aborted) return;
        if (sent < size) break;
      }
    }
  }

  async #window(route: Route, most: number, isVerified: boolean): Promise<number> {
    const { sqs, planned, plannedAt, pacer, visibilitySeconds, signal, onProgress } = this.#options;
    const assessing = this.#options.assessing(route);
    const departed: Departed[] = [];
    let count = 0;
    await redrive({
      ...{ sqs, planned, plannedAt, pacer, visibilitySeconds, signal, most, assessing },
      from: route.from,
      to: route.to,
      tally: this.#tally,
      onSent: (each) => {
        count += 1;
        this.departed += 1;
        if (isVerified) departed.push(each);
        onProgress?.(this.#tally, this.#verified);
      },
    });
    if (departed.length > 0) {
      const { jobs, ledger } = assessing;
      const told = () => onProgress?.(this.#tally, this.#verified);
      const watching = { sqs, jobs, ledger, signal, queueUrl: route.to.url, deadLettersUrl: route.diesTo };
      const { timeoutMs } = this.#options;
      await verify(departed, { ...watching, timeoutMs, onProgress: told }, this.#verified);
    }
    return count;
  }
}

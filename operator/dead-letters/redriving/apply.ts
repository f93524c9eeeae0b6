import type { SQSClient } from '@aws-sdk/client-sqs';
import type { AssessOptions } from './assess.ts';
import { Budget } from './budget.ts';
import type { Pacer } from './pacer.ts';
import type { PlannedLetters } from './planned-letters.ts';
import { redrive } from './redrive.ts';
import { type Departed, emptyTally, type Tally } from './tally.ts';
import { emptyVerified, type Verified, verify } from './verify.ts';

/** One dead-letter queue, and the queue that its letters go to. */
export interface Route {
  /** The queue's short name. */
  readonly queue: string;
  readonly from: { readonly url: string; readonly arn: string; readonly fifo: boolean };
  readonly to: { readonly url: string; readonly arn: string; readonly fifo: boolean };
  /** The dead-letter queue of `to`, where a job that fails again ends. */
  readonly diesTo: string;
}

export interface ApplyOptions {
  readonly sqs: SQSClient;
  readonly planned: PlannedLetters;
  readonly plannedAt: number;
  assessing(route: Route): AssessOptions;
  readonly pacer: Pacer;
  /** Sends this many first, and the rest only if all of them are done. 0: no canary. */
  readonly canary: number;
  /** Letters to send at most: those that SQS accepted, and those that it may have accepted. */
  readonly most: number;
  readonly verify: boolean;
  /** Letters that are waited for at once, which bounds the memory of verifying; 5,000 without it. */
  readonly window?: number;
  /** For a canary and for verifying: gives up after so long in which none was done or dead again, milliseconds. */
  readonly timeoutMs: number;
  readonly visibilitySeconds: number | undefined;
  readonly signal: AbortSignal;
  /** Gets the counts so far, which go on changing. */
  onProgress?(tally: Tally, verified: Verified): void;
}

export interface Applied {
  readonly tally: Tally;
  readonly verified: Verified;
  readonly canary: 'none' | 'passed' | 'failed';
  /** Covered by the plan, and not found any more: another consumer took them, or holds them. */
  readonly gone: number;
  /** Covered by the plan, and left where they are: by `most`, a failed canary, an interruption or a failure. */
  readonly left: number;
  /** The request that failed for good and so ended it. The counts are of what was done until then. */
  readonly failure?: unknown;
}

const WINDOW = 5_000;

/**
 * Applies a plan to every queue that it covers: the canary first, then the rest. It never rejects, so that what was
 * done before a failure can be told.
 */
export async function applyPlan(routes: readonly Route[], options: ApplyOptions): Promise<Applied> {
  const tally = emptyTally();
  const verified = emptyVerified();
  const application = new Application(routes, options, tally, verified);
  const { planned } = options;
  let canary: Applied['canary'] = 'none';
  const stopped = (more: Partial<Applied>): Applied => ({
    tally,
    verified,
    canary,
    gone: 0,
    left: planned.open,
    ...more,
  });
  try {
    if (options.canary > 0 && (planned.open > 0 || routes.some(({ from }) => from.fifo))) {
      await application.sendOff(options.canary, true);
      canary = allWell(tally, verified) ? 'passed' : 'failed';
      if (canary === 'failed') return stopped({});
    }
    await application.sendOff(Number.POSITIVE_INFINITY, options.verify);
  } catch (failure) {
    return stopped({ failure });
  }
  if (options.signal.aborted || application.isSpent) return stopped({});
  return { tally, verified, canary, gone: planned.open, left: 0 };
}

/** Whether every letter was sent and deleted, and none of those that were waited for failed. */
export function allWell({ notDeleted, refused, unanswered }: Tally, verified: Verified): boolean {
  const failed = verified.deadAgain + verified.stillQueued + verified.unaccounted;
  return failed + notDeleted + unanswered + Object.keys(refused).length === 0;
}

class Application {
  readonly #routes: readonly Route[];
  readonly #options: ApplyOptions;
  readonly #tally: Tally;
  readonly #verified: Verified;
  #left: number;

  constructor(routes: readonly Route[], options: ApplyOptions, tally: Tally, verified: Verified) {
    this.#routes = routes;
    this.#options = options;
    this.#tally = tally;
    this.#verified = verified;
    this.#left = options.most;
  }

  /** Whether the limit of all letters is reached. */
  get isSpent(): boolean {
    return this.#left <= 0;
  }

  /** Sends up to `most` letters, queue by queue; in windows where they are waited for. */
  async sendOff(most: number, isVerified: boolean): Promise<void> {
    const { window = WINDOW, signal } = this.#options;
    let left = Math.min(most, this.#left);
    for (const route of this.#routes) {
      for (let exhausted = false; !exhausted; ) {
        if (left <= 0 || signal.aborted) return;
        const size = isVerified ? Math.min(window, left) : left;
        const spent = await this.#window(route, size, isVerified);
        left -= spent;
        this.#left -= spent;
        exhausted = spent < size;
      }
    }
  }

  /** @returns the letters that count against `most`: fewer only where the queue has no more */
  async #window(route: Route, most: number, isVerified: boolean): Promise<number> {
    const { sqs, planned, plannedAt, pacer, visibilitySeconds, signal, onProgress } = this.#options;
    const assessing = this.#options.assessing(route);
    const departed: Departed[] = [];
    const budget = new Budget(most);
    await redrive({
      ...{ sqs, planned, plannedAt, pacer, visibilitySeconds, signal, budget, assessing },
      from: route.from,
      to: route.to,
      tally: this.#tally,
      onSent: (each) => {
        if (isVerified) departed.push(each);
        onProgress?.(this.#tally, this.#verified);
      },
    });
    if (departed.length > 0) {
      const { runs, ledger } = assessing;
      const told = () => onProgress?.(this.#tally, this.#verified);
      const watching = { sqs, runs, ledger, signal, queueUrl: route.to.url, deadLettersUrl: route.diesTo };
      const { timeoutMs } = this.#options;
      await verify(departed, { ...watching, timeoutMs, onProgress: told }, this.#verified);
    }
    return budget.spent;
  }
}

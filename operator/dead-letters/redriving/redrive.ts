import { setTimeout as delay } from 'node:timers/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Sent } from '../../../src/queues/sender.ts';
import { senderTo } from '../../stage/sender.ts';
import { Holding } from '../reading/holding.ts';
import type { HeldLetter } from '../reading/letter.ts';
import { scan } from '../reading/scan.ts';
import { type Assessed, type AssessOptions, assess, byGroup } from './assess.ts';
import type { Budget } from './budget.ts';
import type { Pacer } from './pacer.ts';
import { actionOf } from './plan.ts';
import type { PlannedAction, PlannedLetters } from './planned-letters.ts';
import { redrivenMessage } from './redriven-message.ts';
import type { Departed, Tally } from './tally.ts';

export interface RedriveOptions {
  readonly sqs: SQSClient;
  readonly from: { readonly url: string; readonly fifo: boolean };
  readonly to: { readonly url: string; readonly fifo: boolean };
  readonly planned: PlannedLetters;
  /** When the plan was made, milliseconds since the epoch. */
  readonly plannedAt: number;
  readonly assessing: AssessOptions;
  readonly pacer: Pacer;
  readonly tally: Tally;
  /** Letters to send at most. */
  readonly budget: Budget;
  /** Seconds that letters stay hidden if this process is killed; without it, by their number. */
  readonly visibilitySeconds: number | undefined;
  readonly signal: AbortSignal;
  onSent(departed: Departed): void;
}

/** Batches of letters that are worked on at once. */
const BATCHES = 8;

/**
 * Applies a plan to one dead-letter queue: reads it again and sends what the plan covers, within its budget. A letter
 * is deleted only after SQS has accepted its copy. So after a kill at any moment it is here, there, or in both places.
 * A FIFO group goes letter by letter: sent, deleted, then the next.
 *
 * All other letters are released in the end. Aborting ends it after the requests under way.
 */
export async function redrive(options: RedriveOptions): Promise<void> {
  await using holding = await Holding.of(options.sqs, options.from.url, options.visibilitySeconds);
  await new QueueRedrive(options, holding).toEnd();
}

class QueueRedrive {
  readonly #options: RedriveOptions;
  readonly #holding: Holding;
  readonly #send: ReturnType<typeof senderTo>;
  readonly #working = new Set<Promise<void>>();
  #error: unknown;

  constructor(options: RedriveOptions, holding: Holding) {
    this.#options = options;
    this.#holding = holding;
    this.#send = senderTo(options.sqs, options.to.url);
  }

  /**
   * A FIFO queue shows only the head of each group: up to ten letters. Deleting it brings up the next, so it is read until nothing is new.
   */
  async toEnd(): Promise<void> {
    const { from } = this.#options;
    let before: number;
    do {
      before = this.#holding.seen;
      await this.#once();
    } while (from.fifo && this.#holding.seen > before && this.#goesOn());
    if (this.#error) throw this.#error;
  }

  async #once(): Promise<void> {
    try {
      for await (const letters of scan(this.#holding)) {
        const work = this.#process(letters)
          .catch((error: unknown) => {
            this.#error ??= error;
          })
          .finally(() => this.#working.delete(work));
        this.#working.add(work);
        if (this.#working.size >= BATCHES) await Promise.race(this.#working);
        if (!this.#goesOn()) return;
      }
    } finally {
      await Promise.all(this.#working);
    }
  }

  #goesOn(): boolean {
    return !this.#options.budget.isSpent && !this.#error && !this.#options.signal.aborted;
  }

  async #process(letters: readonly HeldLetter[]): Promise<void> {
    const covered = letters.some((letter) => this.#covers(letter));
    if (!covered) return;
    const assessed = await assess(letters, this.#options.assessing);
    if (this.#options.from.fifo) {
      await Promise.all([...byGroup(assessed).values()].map((group) => this.#inOrder(group)));
    } else {
      await this.#together(assessed);
    }
  }

  /** A FIFO letter behind the head of its group could not be planned. It is covered if it was there at that time. */
  #covers({ messageId, system }: HeldLetter): boolean {
    const { planned, plannedAt, from } = this.#options;
    if (planned.actionOn(messageId)) return true;
    return from.fifo && !planned.covers(messageId) && Number(system.SentTimestamp) <= plannedAt;
  }

  /** Sends nothing past a letter that stays, unless the operator allows it. Duplicates are dropped in any case. */
  async #inOrder(group: readonly Assessed<HeldLetter>[]): Promise<void> {
    let blocked = false;
    for (const each of group) {
      const action = this.#actionOn(each);
      if (action === 'drop') await this.#drop([each]);
      else if (action === 'send' && blocked) this.#keep(each);
      else if (action !== 'send' || (await this.#sendAndDelete([each])) === 0) {
        blocked = this.#options.assessing.inOrder;
        if (!this.#goesOn()) return;
      }
    }
  }

  async #together(assessed: readonly Assessed<HeldLetter>[]): Promise<void> {
    const actions = Map.groupBy(assessed, (each) => this.#actionOn(each));
    await this.#drop(actions.get('drop') ?? []);
    await this.#sendAndDelete(actions.get('send') ?? []);
  }

  #actionOn(each: Assessed<HeldLetter>): PlannedAction | undefined {
    const { letter, decision } = each;
    if (!this.#covers(letter)) return undefined;
    const action = actionOf(decision.outcome);
    const planned = this.#options.planned.actionOn(letter.messageId) ?? action;
    if (action === 'drop' || (action && action === planned)) return action;
    if (planned) this.#keep(each);
    return undefined;
  }

  #keep({ letter }: Assessed<HeldLetter>): void {
    this.#finish(letter);
    this.#options.tally.kept += 1;
  }

  /** @returns how many SQS has accepted */
  async #sendAndDelete(wanted: readonly Assessed<HeldLetter>[]): Promise<number> {
    const { budget, pacer } = this.#options;
    let accepted = 0;
    for (let next = 0; next < wanted.length; ) {
      const places = await budget.take(Math.min(pacer.atOnce, wanted.length - next));
      if (places === 0) break;
      const taken = wanted.slice(next, next + places);
      next += places;
      let spent = 0;
      try {
        if (!(await this.#mayGo(places))) break;
        const answers = await this.#sendEach(taken);
        spent = answers.filter(({ status }) => status !== 'refused').length;
        accepted += await this.#deleteSent(taken.filter((each, n) => this.#took(each, answers[n] as Sent)));
      } finally {
        budget.account(places, spent);
      }
    }
    return accepted;
  }

  #sendEach(taken: readonly Assessed<HeldLetter>[]): Promise<Sent[]> {
    return Promise.all(taken.map(({ letter }) => this.#send(redrivenMessage(letter, this.#options.to))));
  }

  /** @returns how many there were */
  async #deleteSent(departed: readonly Assessed<HeldLetter>[]): Promise<number> {
    const { tally } = this.#options;
    const refusals = await this.#holding.delete(departed.map(({ letter }) => letter));
    tally.notDeleted += refusals.length;
    tally.sent += departed.length - refusals.length;
    return departed.length;
  }

  /** @returns whether SQS has accepted the letter's copy */
  #took({ letter, job }: Assessed<HeldLetter>, answer: Sent): boolean {
    const { tally, onSent } = this.#options;
    this.#finish(letter);
    if (answer.status === 'sent') {
      const { messageId } = answer;
      const [key, fingerprint] = job.problem === undefined ? [job.key, job.fingerprint] : [];
      onSent({ letterId: letter.messageId, messageId, key, fingerprint, sentAt: Date.now() });
      return true;
    }
    if (answer.status === 'unanswered') tally.unanswered += 1;
    else tally.refused[answer.code] = (tally.refused[answer.code] ?? 0) + 1;
    return false;
  }

  async #drop(assessed: readonly Assessed<HeldLetter>[]): Promise<void> {
    if (assessed.length === 0 || this.#options.signal.aborted) return;
    const refusals = await this.#holding.delete(assessed.map(({ letter }) => letter));
    for (const { letter } of assessed) this.#finish(letter);
    this.#options.tally.dropped += assessed.length - refusals.length;
    this.#options.tally.kept += refusals.length;
  }

  async #mayGo(count: number): Promise<boolean> {
    const { pacer, signal } = this.#options;
    const ms = pacer.reserve(count, performance.now());
    if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }

  #finish({ messageId }: HeldLetter): void {
    this.#options.planned.finish(messageId);
  }
}

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { countsOf } from '../../stage/counts.ts';
import { inBatches, refusalTexts } from './batches.ts';
import type { HeldLetter } from './letter.ts';
import { readLetter } from './read-letter.ts';

/** A receive hands out ten messages [API reference]. */
const LETTERS_PER_RECEIVE = 10;

/** A letter that was not deleted, and why. */
export interface Refusal {
  readonly letter: HeldLetter;
  readonly why: string;
}

/** What a dead-letter queue holds besides what is held here. SQS counts approximately. */
export interface Unseen {
  /** To be received: on a FIFO queue also what waits behind the held heads of its groups. */
  readonly waiting: number;
  /** In flight with other consumers, or delayed. */
  readonly elsewhere: number;
}

/** What became of the held letters in the end. */
export interface Release {
  readonly released: number;
  /** Handles that were not valid any more: the visibility timeout has given those letters back already. */
  readonly stale: number;
}

interface Hold {
  handle: string;
  /** Milliseconds since the epoch. */
  until: number;
}

/**
 * For how long a scan hides a queue's letters, in seconds: a minute, and the time that a slow link needs for all of
 * them, at 200 letters a second. It only matters if the process is killed: every other end releases the letters.
 */
export function visibilityFor(letters: number): number {
  return 60 + Math.ceil(letters / 200);
}

/**
 * The letters of one dead-letter queue that this process hides from others. Of each it keeps the message id and the
 * receipt handle, never the body. `await using` gives back whatever was not deleted or forgotten.
 *
 * Each receive adds one to a letter's ApproximateReceiveCount. This matters only where the queue has a redrive policy
 * of its own.
 */
export class Holding implements AsyncDisposable {
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  readonly #visibilitySeconds: number;
  readonly #now: () => number;
  /** Undefined for letters that we no longer hold. They are kept, so that none is handed out twice. */
  readonly #holds = new Map<string, Hold | undefined>();
  #held = 0;
  #full = false;

  constructor(sqs: SQSClient, queueUrl: string, visibilitySeconds: number, now = Date.now) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#visibilitySeconds = visibilitySeconds;
    this.#now = now;
  }

  /** @param visibilitySeconds up to 43,200; without it, by the number of letters */
  static async of(sqs: SQSClient, queueUrl: string, visibilitySeconds?: number): Promise<Holding> {
    if (visibilitySeconds !== undefined) return new Holding(sqs, queueUrl, visibilitySeconds);
    const { waiting, inFlight, delayed } = await countsOf(sqs, queueUrl);
    return new Holding(sqs, queueUrl, visibilityFor(waiting + inFlight + delayed));
  }

  /** Letters that were received and are neither deleted nor forgotten. */
  get held(): number {
    return this.#held;
  }

  /** Letters that were received at all, each once. */
  get seen(): number {
    return this.#holds.size;
  }

  /** Whether SQS refused to hand out more: 120,000 in flight on a standard queue [SQS quotas]. */
  get full(): boolean {
    return this.#full;
  }

  /**
   * Receives up to ten letters and holds them. A letter whose visibility timeout ended is held again, but not returned
   * again.
   *
   * @param waitSeconds 0 asks a part of SQS's servers and may miss some; from 1 on it asks all
   */
  async receive(waitSeconds: number): Promise<HeldLetter[]> {
    const until = this.#now() + this.#visibilitySeconds * 1000;
    const { Messages = [] } = await this.#sqs
      .send(
        new ReceiveMessageCommand({
          QueueUrl: this.#queueUrl,
          MaxNumberOfMessages: LETTERS_PER_RECEIVE,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
          VisibilityTimeout: this.#visibilitySeconds,
          WaitTimeSeconds: waitSeconds,
        }),
      )
      .catch((error: Error) => {
        if (error.name !== 'OverLimit') throw error;
        this.#full = true;
        return { Messages: [] };
      });
    return Messages.map(readLetter).filter((letter) => this.#hold(letter, until));
  }

  /**
   * Deletes letters, ten to a request. What is deleted is forgotten; what is not stays held.
   *
   * SQS answers yes to a stale handle and deletes nothing. So a letter whose visibility timeout has ended is not tried:
   * another consumer may have it.
   *
   * @returns those that were not deleted
   */
  async delete(letters: readonly HeldLetter[]): Promise<Refusal[]> {
    const refusals: Refusal[] = [];
    const ours = letters.filter((letter) => {
      const hold = this.#holds.get(letter.messageId);
      if (hold && hold.until > this.#now()) return true;
      refusals.push({ letter, why: 'its visibility timeout ended before it could be deleted' });
      return false;
    });
    await inBatches(ours, async (batch) => {
      const Entries = batch.map(({ messageId }, i) => ({ Id: String(i), ReceiptHandle: this.#handle(messageId) }));
      const whys = await refusalTexts(
        batch.length,
        this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries })),
      );
      for (const [i, letter] of batch.entries()) {
        const why = whys[i];
        if (why === undefined) this.forget(letter);
        else refusals.push({ letter, why });
      }
    });
    return refusals;
  }

  /** Leaves a letter to its visibility timeout: `release` skips it. */
  forget({ messageId }: Pick<HeldLetter, 'messageId'>): void {
    if (this.#holds.get(messageId)) this.#held -= 1;
    this.#holds.set(messageId, undefined);
  }

  /** What a scan could not see. The sum follows SQS's total, since its split lags by up to a minute. */
  async unseen(): Promise<Unseen> {
    const { waiting, inFlight, delayed } = await countsOf(this.#sqs, this.#queueUrl);
    const hidden = inFlight + delayed;
    const total = Math.max(0, waiting + hidden - this.#held);
    const elsewhere = Math.min(total, Math.max(0, hidden - this.#held));
    return { waiting: total - elsewhere, elsewhere };
  }

  /** Makes every held letter visible again. One that cannot be released comes back with its visibility timeout. */
  async release(): Promise<Release> {
    const handles = [...this.#holds].flatMap(([id, hold]) => (hold ? [{ id, handle: hold.handle }] : []));
    let released = 0;
    await inBatches(handles, async (batch) => {
      const Entries = batch.map(({ handle }, i) => ({ Id: String(i), ReceiptHandle: handle, VisibilityTimeout: 0 }));
      const whys = await refusalTexts(
        batch.length,
        this.#sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#queueUrl, Entries })),
      );
      released += whys.filter((why) => why === undefined).length;
      for (const { id } of batch) this.forget({ messageId: id });
    });
    return { released, stale: handles.length - released };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  #hold({ messageId, receiptHandle }: HeldLetter, until: number): boolean {
    const known = this.#holds.has(messageId);
    const hold = this.#holds.get(messageId);
    if (hold) Object.assign(hold, { handle: receiptHandle, until });
    else this.#holds.set(messageId, { handle: receiptHandle, until });
    if (!hold) this.#held += 1;
    return !known;
  }

  #handle(messageId: string): string {
    return this.#holds.get(messageId)?.handle ?? '';
  }
}

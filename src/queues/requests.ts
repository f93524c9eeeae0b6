import { Coalescer } from '../aws/coalescer.ts';
import {
  type BatchAnswer,
  ENTRIES_PER_REQUEST,
  type Refusal,
  refusalsIn,
  refusalText,
  type SqsApi,
} from '../aws/sqs-api.ts';
import { collectingSender, type Sending } from './sender.ts';

/** Only the end of the batch waits for these requests, so their items wait for others; milliseconds. */
const PACE = { lingerMs: 50, maxInFlight: 16 };

export interface VisibilityChange {
  readonly receiptHandle: string;
  /** From 0 to 43,200. */
  readonly seconds: number;
}

/**
 * Single sends, visibility changes and deletions, ten to a request, for one invocation. Each has its own result: an
 * entry that SQS refuses, or does not mention in its answer, rejects for that entry only.
 */
export class QueueRequests {
  readonly #sqs: SqsApi;
  readonly #abort = new AbortController();
  readonly #all: Pick<Coalescer<unknown, unknown>, 'flush' | 'close'>[] = [];

  constructor(sqs: SqsApi) {
    this.#sqs = sqs;
  }

  /** Sends to one queue. @returns a function that resolves once SQS has accepted the message */
  sender(queueUrl: string): (message: Sending) => Promise<void> {
    const sender = collectingSender((entries) => this.#sqs.send(queueUrl, entries, this.#abort.signal), PACE);
    this.#all.push(sender);
    return async (message) => {
      const sent = await sender.submit(message);
      if (sent.status !== 'sent') throw sent.error ?? new Error(refusalText(sent));
    };
  }

  /** Changes when messages of one queue come back. @returns a function that resolves once SQS has changed it */
  visibility(queueUrl: string): (change: VisibilityChange) => Promise<void> {
    return this.#collect((changes: readonly VisibilityChange[]) => {
      const entries = changes.map(({ receiptHandle, seconds }, i) => ({
        Id: String(i),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }));
      return this.#sqs.changeVisibility(queueUrl, entries, this.#abort.signal);
    });
  }

  /**
   * Deletes messages of one queue by their receipt handles. @returns a function that resolves once SQS has deleted it
   */
  deletion(queueUrl: string): (receiptHandle: string) => Promise<void> {
    return this.#collect((handles: readonly string[]) => {
      const entries = handles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
      return this.#sqs.delete(queueUrl, entries, this.#abort.signal);
    });
  }

  flush(): void {
    for (const coalescer of this.#all) coalescer.flush();
  }

  /** Ends every request. Nothing is under way afterwards. */
  close(): void {
    const answered = () => new Error('the invocation has answered');
    const busy = this.#all.map((coalescer) => coalescer.close(answered));
    if (busy.includes(true)) this.#abort.abort();
  }

  #collect<Item>(request: (items: readonly Item[]) => Promise<BatchAnswer>): (item: Item) => Promise<void> {
    const coalescer = new Coalescer<Item, Refusal | undefined>({
      ...PACE,
      maxItems: ENTRIES_PER_REQUEST,
      send: async (items) => refusalsIn(await request(items), items.length),
    });
    this.#all.push(coalescer);
    return async (item) => {
      const refusal = await coalescer.submit(item);
      if (refusal) throw new Error(refusalText(refusal));
    };
  }
}

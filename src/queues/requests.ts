import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { Coalescer } from '../aws/coalescer.ts';
import type { BatchAnswer, SqsApi } from '../aws/sqs-api.ts';
import { MAX_BYTES, messageBytes } from './attributes.ts';

/** SQS batch requests take ten entries [API reference]. */
const ENTRIES_PER_REQUEST = 10;
const REQUESTS_IN_FLIGHT = 16;
/** Nothing waits for these before the batch ends, so they wait for company; milliseconds. */
const LINGER_MS = 50;

/** A message to send, without the entry id that the request gives it. */
export type Sending = Omit<SendMessageBatchRequestEntry, 'Id'> & { readonly MessageBody: string };

export interface VisibilityChange {
  readonly receiptHandle: string;
  /** 0 to 43,200. */
  readonly seconds: number;
}

/**
 * Single sends and visibility changes, ten to a request, for one invocation. Each settles for itself: an entry that SQS
 * refused in a request that it answered throws for that entry only, and so does one that it does not mention.
 */
export class QueueRequests {
  readonly #sqs: SqsApi;
  readonly #abort = new AbortController();
  readonly #all: Coalescer<never, Error | undefined>[] = [];

  constructor(sqs: SqsApi) {
    this.#sqs = sqs;
  }

  /** Sends to one queue. @returns a function that resolves once SQS has accepted the message */
  sender(queueUrl: string): (message: Sending) => Promise<void> {
    return this.#through<Sending>({
      maxBytes: MAX_BYTES,
      sizeOf: ({ MessageBody, MessageAttributes = {} }) => messageBytes(MessageBody, MessageAttributes),
      request: (messages) => {
        const entries = messages.map((message, i) => ({ ...message, Id: String(i) }));
        return this.#sqs.send(queueUrl, entries, this.#abort.signal);
      },
    });
  }

  /** Changes when messages of one queue come back. @returns a function that resolves once SQS has done so */
  visibility(queueUrl: string): (change: VisibilityChange) => Promise<void> {
    return this.#through<VisibilityChange>({
      request: (changes) => {
        const entries = changes.map(({ receiptHandle, seconds }, i) => ({
          Id: String(i),
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }));
        return this.#sqs.changeVisibility(queueUrl, entries, this.#abort.signal);
      },
    });
  }

  /** Deletes messages of one queue by their receipt handles. @returns a function that resolves once SQS has done so */
  deletion(queueUrl: string): (receiptHandle: string) => Promise<void> {
    return this.#through<string>({
      request: (handles) => {
        const entries = handles.map((ReceiptHandle, i) => ({ Id: String(i), ReceiptHandle }));
        return this.#sqs.delete(queueUrl, entries, this.#abort.signal);
      },
    });
  }

  flush(): void {
    for (const coalescer of this.#all) coalescer.flush();
  }

  /** Ends every request; nothing is under way afterwards. */
  close(): void {
    const answered = () => new Error('the invocation has answered');
    const busy = this.#all.map((coalescer) => coalescer.close(answered));
    if (busy.includes(true)) this.#abort.abort();
  }

  #through<Item>(kind: {
    maxBytes?: number;
    sizeOf?: (item: Item) => number;
    request: (items: readonly Item[]) => Promise<BatchAnswer>;
  }): (item: Item) => Promise<void> {
    const { request, ...limits } = kind;
    const coalescer = new Coalescer<Item, Error | undefined>({
      ...limits,
      maxItems: ENTRIES_PER_REQUEST,
      maxInFlight: REQUESTS_IN_FLIGHT,
      lingerMs: LINGER_MS,
      send: async (items) => {
        const { Successful = [], Failed = [] } = await request(items);
        const done = new Set(Successful.map(({ Id }) => Id));
        return items.map((_, i) => {
          if (done.has(String(i))) return undefined;
          const entry = Failed.find(({ Id }) => Id === String(i));
          return new Error(entry ? `SQS answered ${entry.Code}: ${entry.Message}` : 'SQS answered without this entry');
        });
      },
    });
    this.#all.push(coalescer as unknown as Coalescer<never, Error | undefined>);
    return async (item) => {
      const error = await coalescer.submit(item);
      if (error) throw error;
    };
  }
}

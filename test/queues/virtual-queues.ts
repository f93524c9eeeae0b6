import type { MessageAttributeValue, SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import type { BatchAnswer, SqsApi } from '../../src/aws/sqs-api.ts';

interface Held {
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  readonly attributes: Record<string, MessageAttributeValue>;
  readonly group: string | undefined;
  readonly sentAt: number;
  visibleAt: number;
  receives: number;
  firstReceivedAt: number | undefined;
}

export interface VirtualQueue {
  readonly delaySeconds?: number;
  /** Absent for a dead-letter queue. */
  readonly redrive?: { readonly to: string; readonly maxReceiveCount: number; readonly visibilitySeconds: number };
}

/**
 * Queues in virtual time, with what matters to retries of SQS's own rules: delays, visibility, receive counts, redrive
 * policies. For properties, which take too many waits for a clock. That SQS does these things is tested elsewhere.
 */
export class VirtualQueues {
  now = 1_700_000_000_000;
  /** Answers for each send whether SQS takes it. */
  takes: (queue: string) => boolean = () => true;
  readonly #queues: Readonly<Record<string, VirtualQueue>>;
  #messages: Held[] = [];
  #ids = 0;

  /** @param queues by name */
  constructor(queues: Readonly<Record<string, VirtualQueue>>) {
    this.#queues = queues;
  }

  /** A worker's view. */
  get api(): SqsApi {
    const each = <Entry extends { Id?: string | undefined }>(
      entries: readonly Entry[],
      act: (entry: Entry) => boolean,
    ): Promise<BatchAnswer> => {
      const answer = { Successful: [] as { Id: string }[], Failed: [] as { Id: string; Code: string }[] };
      for (const entry of entries) {
        const Id = String(entry.Id);
        if (act(entry)) answer.Successful.push({ Id });
        else answer.Failed.push({ Id, Code: 'InternalError' });
      }
      return Promise.resolve(answer as never);
    };
    const api: Pick<SqsApi, 'send' | 'changeVisibility' | 'delete'> = {
      send: (url, entries) => each(entries, (entry) => this.#take(nameOf(url), entry)),
      changeVisibility: (url, entries) =>
        each(entries, ({ ReceiptHandle, VisibilityTimeout = 0 }) => {
          const held = this.#find(nameOf(url), ReceiptHandle);
          if (held) held.visibleAt = this.now + VisibilityTimeout * 1000;
          return held !== undefined;
        }),
      delete: (url, entries) =>
        each(entries, ({ ReceiptHandle }) => {
          const held = this.#find(nameOf(url), ReceiptHandle);
          if (held) this.delete(held.id);
          return held !== undefined;
        }),
    };
    return api as SqsApi;
  }

  send(queue: string, body: string, attributes: Record<string, MessageAttributeValue> = {}): void {
    this.#put(queue, { Id: '', MessageBody: body, MessageAttributes: attributes });
  }

  delete(id: string): void {
    this.#messages = this.#messages.filter((held) => held.id !== id);
  }

  /** The queue whose message is due next, and when; undefined where all are empty. Dead-letter queues are not received. */
  next(): { queue: string; at: number } | undefined {
    const due = this.#messages.filter(({ queue }) => this.#queues[queue]?.redrive);
    const [first] = due.toSorted((a, b) => a.visibleAt - b.visibleAt);
    return first && { queue: first.queue, at: Math.max(first.visibleAt, this.now) };
  }

  /** Receives what is visible now, as Lambda hands it out. Moves what has been received too often. */
  receive(queue: string): SQSRecord[] {
    const { redrive } = this.#queues[queue] as VirtualQueue;
    if (!redrive) throw new Error(`${queue} is not received`);
    return this.#messages
      .filter((held) => held.queue === queue && held.visibleAt <= this.now)
      .flatMap((held) => {
        if (held.receives >= redrive.maxReceiveCount) {
          this.#messages = this.#messages.map((each) => (each === held ? { ...held, queue: redrive.to } : each));
          return [];
        }
        held.receives += 1;
        held.firstReceivedAt ??= this.now;
        held.visibleAt = this.now + redrive.visibilitySeconds * 1000;
        return [recordOf(held)];
      });
  }

  in(queue: string): { body: string; attributes: Record<string, MessageAttributeValue> }[] {
    return this.#messages.filter((held) => held.queue === queue);
  }

  #take(queue: string, entry: SendMessageBatchRequestEntry): boolean {
    if (!this.takes(queue)) return false;
    this.#put(queue, entry);
    return true;
  }

  #put(queue: string, entry: SendMessageBatchRequestEntry): void {
    const delay = entry.DelaySeconds ?? this.#queues[queue]?.delaySeconds ?? 0;
    this.#messages.push({
      id: `${queue}-${++this.#ids}`,
      queue,
      body: entry.MessageBody ?? '',
      attributes: entry.MessageAttributes ?? {},
      group: entry.MessageGroupId,
      sentAt: this.now,
      visibleAt: this.now + delay * 1000,
      receives: 0,
      firstReceivedAt: undefined,
    });
  }

  #find(queue: string, id: string | undefined): Held | undefined {
    return this.#messages.find((held) => held.id === id && held.queue === queue);
  }
}

const nameOf = (url: string): string => url.split('/').at(-1) ?? '';

function recordOf({ id, queue, body, attributes, group, sentAt, receives, firstReceivedAt }: Held): SQSRecord {
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: 'producer',
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
      ...(group !== undefined && { MessageGroupId: group }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { StringValue, DataType }]) => [
        name,
        { stringValue: StringValue, dataType: DataType, stringListValues: [], binaryListValues: [] },
      ]),
    ) as unknown as SQSMessageAttributes,
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
    awsRegion: 'us-east-1',
  };
}

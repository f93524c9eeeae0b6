import { SQSClient } from '@aws-sdk/client-sqs';
import { answer, FaultyHandler } from '../../../faults/faulty-handler.ts';

interface Stored {
  readonly id: string;
  readonly body: string;
  readonly group: string;
}

/**
 * A FIFO dead-letter queue as SQS documents it, where the embedded cloud is stricter: one receive hands out up to ten of
 * one group, and nothing more of that group until all of them are deleted or visible again.
 */
export class TenHeads {
  readonly sqs: SQSClient;
  /** Bodies in the order in which the destination took them. */
  readonly sent: string[] = [];
  readonly #messages: Stored[] = [];
  readonly #inFlight = new Set<string>();

  readonly #refused: string | undefined;

  /** @param refused the destination does not take this body */
  constructor(letters: readonly { group: string; body: string }[], refused?: string) {
    this.#refused = refused;
    for (const [i, letter] of letters.entries()) this.#messages.push({ id: `m${i}`, ...letter });
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const requestHandler = new FaultyHandler(async ({ operation, input }) =>
      answer(200, this.#answer(operation, input)),
    );
    this.sqs = new SQSClient({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:9',
      credentials,
      requestHandler,
      md5: false,
    });
  }

  /** Bodies that are still here, in order. */
  get left(): string[] {
    return this.#messages.map(({ body }) => body);
  }

  get hidden(): number {
    return this.#inFlight.size;
  }

  // biome-ignore lint/suspicious/noExplicitAny: requests as they come
  #answer(operation: string, input: any): object {
    const Successful = (input.Entries ?? []).map(({ Id }: { Id: string }) => ({ Id, MessageId: `new-${Id}` }));
    const handles: string[] = (input.Entries ?? []).map(
      ({ ReceiptHandle }: { ReceiptHandle: string }) => ReceiptHandle,
    );
    switch (operation) {
      case 'ReceiveMessage':
        return { Messages: this.#receive() };
      case 'SendMessageBatch':
        return this.#take(input.Entries);
      case 'DeleteMessageBatch':
        for (const handle of handles) {
          this.#inFlight.delete(handle);
          this.#messages.splice(
            this.#messages.findIndex(({ id }) => id === handle),
            1,
          );
        }
        return { Successful };
      case 'ChangeMessageVisibilityBatch':
        for (const handle of handles) this.#inFlight.delete(handle);
        return { Successful };
      default:
        return {
          Attributes: {
            ApproximateNumberOfMessages: String(this.#messages.length - this.#inFlight.size),
            ApproximateNumberOfMessagesNotVisible: String(this.#inFlight.size),
          },
        };
    }
  }

  #take(entries: readonly { Id: string; MessageBody: string }[]): object {
    const isRefused = ({ MessageBody }: { MessageBody: string }) => MessageBody === this.#refused;
    const taken = entries.filter((entry) => !isRefused(entry));
    this.sent.push(...taken.map(({ MessageBody }) => MessageBody));
    return {
      Successful: taken.map(({ Id }) => ({ Id, MessageId: `new-${Id}` })),
      Failed: entries.filter(isRefused).map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
    };
  }

  #receive(): object[] {
    const locked = new Set(this.#messages.filter(({ id }) => this.#inFlight.has(id)).map(({ group }) => group));
    const first = this.#messages.find(({ group }) => !locked.has(group));
    const taken = this.#messages.filter(({ group }) => group === first?.group).slice(0, 10);
    for (const { id } of taken) this.#inFlight.add(id);
    return taken.map(({ id, body, group }) => ({
      MessageId: id,
      ReceiptHandle: id,
      Body: body,
      Attributes: { MessageGroupId: group, SentTimestamp: '1', ApproximateReceiveCount: '1' },
    }));
  }
}

import { type SqsMessage, SqsStore } from '../fauxqs/internals.ts';
import { Queue } from './queue.ts';
import { invalidValue } from './refusals.ts';

/**
 * A FIFO queue. A receive takes as many messages of one group as it may, in order, before it goes on to the next group,
 * and a group is locked while any message of it is in flight [SQS: FIFO delivery logic]. fauxqs hands out one message of
 * a group at a time, and puts what comes back at the front in the order of its coming.
 */
export class FifoQueue extends Queue {
  readonly #arrivals = new WeakMap<SqsMessage, number>();
  #arrived = 0;

  override enqueue(message: SqsMessage) {
    this.#arrivals.set(message, this.#arrived++);
    // A standard topic gives no group; without one fauxqs would never unlock it.
    message.messageGroupId ??= 'default';
    super.enqueue(message);
  }

  /**
   * Takes a message in, unless one with its deduplication id came within the last five minutes, whatever became of it.
   * @returns the message that stands for it
   */
  accept(message: SqsMessage): { messageId: string; sequenceNumber?: string | undefined } {
    message.messageDeduplicationId ??= SqsStore.contentBasedDeduplicationId(message.body);
    const perGroup = this.attributes.DeduplicationScope === 'messageGroup';
    const id = message.messageDeduplicationId;
    // Neither of the two can hold a space. The bare id is what fauxqs remembers of what topics deliver.
    const key = perGroup ? `${message.messageGroupId} ${id}` : id;
    const { originalMessageId, originalSequenceNumber } = this.checkDeduplication(key);
    if (originalMessageId) return { messageId: originalMessageId, sequenceNumber: originalSequenceNumber };
    message.sequenceNumber = this.nextSequenceNumber();
    this.recordDeduplication(key, message.messageId, message.sequenceNumber);
    this.enqueue(message);
    return message;
  }

  override purge() {
    super.purge();
    this.deduplicationCache.clear();
  }

  override changeVisibility(receiptHandle: string, seconds: number) {
    this.#checkExpiry(receiptHandle);
    const group = this.inflightMessages.get(receiptHandle)?.message.messageGroupId ?? '';
    super.changeVisibility(receiptHandle, seconds);
    this.#sort(this.fifoMessages.get(group));
  }

  override deleteMessage(receiptHandle: string): boolean {
    this.#checkExpiry(receiptHandle);
    return super.deleteMessage(receiptHandle);
  }

  /** Unlike a standard queue's, a handle ends with the visibility timeout: its group may have gone on since. */
  #checkExpiry(receiptHandle: string) {
    const { newest } = this.lookUp(receiptHandle);
    if (!newest || this.isInFlight(receiptHandle)) return;
    throw invalidValue('ReceiptHandle', receiptHandle, 'The receipt handle has expired');
  }

  protected override returnDue() {
    const inFlight = this.inflightMessages.size;
    const delayed = this.fifoDelayed.size;
    super.returnDue();
    if (delayed === 0 && this.inflightMessages.size === inFlight) return;
    for (const messages of this.fifoMessages.values()) this.#sort(messages);
  }

  protected override *takeWaiting(): Generator<SqsMessage> {
    for (const [group, messages] of this.fifoMessages) {
      if (this.fifoLockedGroups.has(group)) continue;
      try {
        for (let next = messages.shift(); next; next = messages.shift()) yield next;
      } finally {
        // To the back, so that a busy group does not starve the others.
        this.fifoMessages.delete(group);
        if (messages.length > 0) this.fifoMessages.set(group, messages);
      }
    }
  }

  protected override handOut(message: SqsMessage, seconds: number) {
    const group = message.messageGroupId ?? '';
    this.fifoLockedGroups.set(group, (this.fifoLockedGroups.get(group) ?? 0) + 1);
    return super.handOut(message, seconds);
  }

  #sort(messages: SqsMessage[] | undefined) {
    const place = (message: SqsMessage) => this.#arrivals.get(message) ?? 0;
    messages?.sort((a, b) => place(a) - place(b));
  }
}

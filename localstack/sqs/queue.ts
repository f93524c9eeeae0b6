import { type ReceivedMessage, SqsError, type SqsMessage, SqsQueue } from '../fauxqs/internals.ts';
import { addExtras } from './message-extras.ts';
import { messageIdOf, newHandle } from './receipt-handle.ts';
import { invalidValue } from './refusals.ts';

/** How late a message may come back after its visibility timeout or delay. fauxqs polls at this rate itself. */
const TIMER_RESOLUTION_MS = 20;

export type FindQueue = (arn: string) => SqsQueue | undefined;

/** fauxqs' queue, which receives by the rules of SQS. */
export class Queue extends SqsQueue {
  #scannedAt = Number.NEGATIVE_INFINITY;
  /** The newest receipt handle of every message that was received and is still here, by message id. */
  readonly #handles = new Map<string, string>();

  override dequeue(most: number, visibilityTimeout?: number, find?: FindQueue): ReceivedMessage[] {
    this.processTimers();
    const seconds = Number(visibilityTimeout ?? this.attributes.VisibilityTimeout);
    const received: ReceivedMessage[] = [];
    for (const message of this.takeWaiting()) {
      if (this.#bury(message, find)) continue;
      received.push(this.handOut(message, seconds));
      if (received.length >= most) break;
    }
    // What was received for 0 seconds is visible for the very next receive.
    if (seconds === 0) this.#scannedAt = Number.NEGATIVE_INFINITY;
    return received;
  }

  /** An older handle does as well, and a message that is visible again goes too. What is gone already is no error. */
  override deleteMessage(receiptHandle: string): boolean {
    const { messageId, newest } = this.lookUp(receiptHandle);
    if (!newest) return false;
    this.#handles.delete(messageId);
    if (super.deleteMessage(newest)) return true;
    const at = this.messages.findIndex((message) => message.messageId === messageId);
    return at >= 0 && this.messages.splice(at, 1).length > 0;
  }

  override changeVisibility(receiptHandle: string, seconds: number) {
    const { newest } = this.lookUp(receiptHandle);
    const reason = 'Message does not exist or is not available for visibility timeout change.';
    if (!newest) throw invalidValue('ReceiptHandle', receiptHandle, reason);
    if (!this.isInFlight(newest)) throw new SqsError('MessageNotInflight', reason);
    super.changeVisibility(newest, seconds);
  }

  override purge() {
    super.purge();
    this.#handles.clear();
  }

  /** A message whose time is over counts as visible, whether it has been put back yet or not. */
  protected isInFlight(receiptHandle: string): boolean {
    return Date.now() < (this.inflightMessages.get(receiptHandle)?.visibilityDeadline ?? 0);
  }

  /** @throws {SqsError} for what is no handle of this queue */
  protected lookUp(receiptHandle: string): { messageId: string; newest: string | undefined } {
    const messageId = messageIdOf(receiptHandle, this.arn);
    if (!messageId) {
      throw new SqsError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
      );
    }
    return { messageId, newest: this.#handles.get(messageId) };
  }

  /**
   * fauxqs walks over every message in flight on each receive: with 10 batches of 10,000 in flight that is most of the
   * time of a receive. Once in 20 ms is as exact as its own long polling.
   */
  override processTimers() {
    const now = performance.now();
    if (now - this.#scannedAt < TIMER_RESOLUTION_MS) return;
    this.#scannedAt = now;
    this.returnDue();
  }

  /** Makes visible what is due: delays and visibility timeouts that are over. */
  protected returnDue() {
    super.processTimers();
  }

  /** Takes out the visible messages, one by one, as far as the caller goes. */
  protected *takeWaiting(): Generator<SqsMessage> {
    for (let next = this.messages.shift(); next; next = this.messages.shift()) yield next;
  }

  protected handOut(message: SqsMessage, seconds: number): ReceivedMessage {
    const receiptHandle = newHandle(this.arn, message.messageId);
    this.#handles.set(message.messageId, receiptHandle);
    const now = Date.now();
    message.approximateReceiveCount += 1;
    message.approximateFirstReceiveTimestamp ??= now;
    this.inflightMessages.set(receiptHandle, { message, receiptHandle, visibilityDeadline: now + seconds * 1000 });
    return {
      MessageId: message.messageId,
      ReceiptHandle: receiptHandle,
      MD5OfBody: message.md5OfBody,
      Body: message.body,
      ...(message.md5OfMessageAttributes && {
        MD5OfMessageAttributes: message.md5OfMessageAttributes,
        MessageAttributes: message.messageAttributes,
      }),
    };
  }

  /** Moves a message that has had all its receives to the DLQ. This look is not one of them, and SQS does not count it. */
  #bury(message: SqsMessage, find: FindQueue | undefined): boolean {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(this.attributes.RedrivePolicy || '{}');
    if (!deadLetterTargetArn || message.approximateReceiveCount < Number(maxReceiveCount)) return false;
    const deadLetters = find?.(deadLetterTargetArn);
    if (!deadLetters) return false;
    this.#handles.delete(message.messageId);
    // Only the move itself knows where a dead letter comes from (DeadLetterQueueSourceArn).
    addExtras(message, { deadLetterSourceArn: this.arn });
    deadLetters.enqueue(message);
    return true;
  }
}

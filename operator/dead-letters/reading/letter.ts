import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { DeadLetterReason } from '../../../src/queues/reason.ts';

/** A message of a dead-letter queue, as it lies there. */
export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  /** All of them, the reason's included, binary values as bytes. */
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  /** SQS's own: SentTimestamp, ApproximateReceiveCount, MessageGroupId, ... */
  readonly system: Readonly<Record<string, string>>;
  /** Undefined where SQS itself moved the message, or somebody else wrote it. */
  readonly reason: DeadLetterReason | undefined;
  /** Of the body; undefined where there is none that could be read. */
  readonly jobId: string | undefined;
  /** Of the body, `triple` where it names none; undefined where the body is no job. */
  readonly type: string | undefined;
}

/** A letter that is hidden from others until it is released or deleted, or its visibility timeout ends. */
export interface HeldLetter extends DeadLetter {
  readonly receiptHandle: string;
}

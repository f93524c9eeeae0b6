import { setTimeout as delay } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type DeadLetterReason, REASON_ATTRIBUTE, readReason } from '../src/queues/reason.ts';
import { concurrently, inGroups } from './concurrently.ts';
import { depthOf } from './queue.ts';
import { ENTRIES_PER_REQUEST, sendAll } from './sending.ts';

export interface DeadLetter {
  readonly body: string;
  readonly attributes: Record<string, MessageAttributeValue>;
  /** Undefined where SQS itself moved the message, or nobody explained it. */
  readonly reason: DeadLetterReason | undefined;
  readonly receiptHandle: string;
}

export interface Group {
  readonly errorClass: string;
  readonly fingerprint: string;
  readonly type: string;
  readonly count: number;
  readonly example: string;
  /** How many of them would pass once the receiver is repaired. */
  readonly repairable: number;
}

const READERS = 8;
/** Long enough to read, plan and redrive a hundred thousand; seconds. */
const HELD_SECONDS = 900;
const TRIES = 100;
const WAIT_MS = 100;

/** Receives everything that a dead-letter queue holds, and keeps it hidden until it is released or deleted. */
export async function readDeadLetters(sqs: SQSClient, queueUrl: string): Promise<DeadLetter[]> {
  const read: DeadLetter[] = [];
  const readUntilEmpty = async (): Promise<void> => {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: ENTRIES_PER_REQUEST,
          MessageAttributeNames: ['All'],
          VisibilityTimeout: HELD_SECONDS,
          WaitTimeSeconds: 0,
        }),
      );
      if (Messages.length === 0) return;
      read.push(...Messages.map(toDeadLetter));
    }
  };
  // A short poll may come back empty although there is more.
  for (let tries = 0; tries < TRIES; tries++) {
    await Promise.all(Array.from({ length: READERS }, readUntilEmpty));
    if ((await depthOf(sqs, queueUrl)).waiting === 0) return read;
    await delay(WAIT_MS);
  }
  throw new Error(`${queueUrl} says that messages wait, but hands out no more than the ${read.length} already read.`);
}

function toDeadLetter({ Body = '', MessageAttributes = {}, ReceiptHandle = '' }: Message): DeadLetter {
  const reason = readReason(MessageAttributes[REASON_ATTRIBUTE]?.StringValue);
  return { body: Body, attributes: MessageAttributes, reason, receiptHandle: ReceiptHandle };
}

/** Whether the failure came from the receiver: a well-formed webhook to it that the worker did try to deliver. */
export function cameFrom(receiverUrl: string): (letter: DeadLetter) => boolean {
  return ({ reason, body }) => {
    if (reason?.type !== 'webhook' || reason.errorClass === 'InvalidJob') return false;
    const { url } = JSON.parse(body) as { url: string };
    return url.startsWith(`${receiverUrl}/`);
  };
}

/** Equal reasons together, the most frequent first. */
export function groupByReason(letters: readonly DeadLetter[], isRepairable: (letter: DeadLetter) => boolean): Group[] {
  const groups = Map.groupBy(letters, ({ reason }) => `${reason?.errorClass}\n${reason?.fingerprint}\n${reason?.type}`);
  return [...groups.values()]
    .map((alike) => {
      const reason = alike[0]?.reason;
      return {
        errorClass: reason?.errorClass ?? 'no reason',
        fingerprint: reason?.fingerprint ?? '',
        type: reason?.type ?? '',
        count: alike.length,
        example: reason?.message ?? 'moved by SQS itself',
        repairable: alike.filter(isRepairable).length,
      };
    })
    .sort((a, b) => b.count - a.count);
}

/**
 * Sends dead letters back to their queue, byte for byte and with their attributes, and only then deletes them here: a
 * crash in between makes a duplicate, which the worker recognises.
 */
export async function redrive(
  sqs: SQSClient,
  letters: readonly DeadLetter[],
  { from, to, onSent }: { from: string; to: string; onSent: (count: number) => void },
): Promise<void> {
  for (const group of inGroups(letters, 1_000)) {
    await sendAll(sqs, to, group, onSent);
    await inBatches(group, (Entries) => sqs.send(new DeleteMessageBatchCommand({ QueueUrl: from, Entries })));
  }
}

/** Makes dead letters visible again to whoever reads the queue next. */
export async function release(sqs: SQSClient, letters: readonly DeadLetter[], queueUrl: string): Promise<void> {
  await inBatches(letters, (handles) => {
    const Entries = handles.map((handle) => ({ ...handle, VisibilityTimeout: 0 }));
    return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  });
}

async function inBatches(
  letters: readonly DeadLetter[],
  request: (
    handles: { Id: string; ReceiptHandle: string }[],
  ) => Promise<{ Failed?: { Message?: string | undefined }[] | undefined }>,
): Promise<void> {
  await concurrently(READERS, inGroups(letters, ENTRIES_PER_REQUEST), async (group) => {
    const { Failed = [] } = await request(
      group.map(({ receiptHandle }, i) => ({ Id: String(i), ReceiptHandle: receiptHandle })),
    );
    if (Failed[0])
      throw new Error(`SQS refused ${Failed.length} of ${group.length} dead letters: ${Failed[0].Message}`);
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** The fields of a message that a delete needs. */
export interface Deletable {
  messageId: string;
  receiptHandle: string;
}

/** SQS takes at most 10 entries in a batch request. */
const entriesPerRequest = 10;
/** Requests of one batch that are under way at the same time. */
const concurrentRequests = 5;
const attempts = 5;
const firstPauseMs = 50;

/** Sends one request and returns the messages that are still there. */
async function deleteOnce(sqs: SQSClient, queueUrl: string, messages: readonly Deletable[]): Promise<Deletable[]> {
  const Entries = messages.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
  const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  return Failed.flatMap(({ Id }) => messages[Number(Id)] ?? []);
}

async function deleteTen(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly Deletable[],
  log: (line: string) => void,
): Promise<number> {
  let left = messages;
  for (let attempt = 1; ; attempt += 1) {
    let reason = 'SQS reported them as failed';
    try {
      left = await deleteOnce(sqs, queueUrl, left);
    } catch (error) {
      reason = String(error);
    }
    if (left.length === 0) return messages.length;
    if (attempt === attempts) {
      const ids = left.map((message) => message.messageId).join(', ');
      log(`Could not delete ${left.length} processed messages (${ids}), they will be delivered again: ${reason}`);
      return messages.length - left.length;
    }
    await sleep(firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
  }
}

/**
 * Deletes processed messages, ten to a request, a few requests at a time. Each delete is tried up to five times, within
 * about a second. A message that is still there is logged, and comes back after its visibility timeout. Resolves with
 * the number deleted.
 */
export async function deleteMessages(
  sqs: SQSClient,
  queueUrl: string,
  messages: readonly Deletable[],
  log: (line: string) => void,
): Promise<number> {
  let next = 0;
  let deleted = 0;
  const lane = async (): Promise<void> => {
    while (next < messages.length) {
      const ten = messages.slice(next, next + entriesPerRequest);
      next += entriesPerRequest;
      const gone = await deleteTen(sqs, queueUrl, ten, log);
      deleted += gone;
    }
  };
  await Promise.all(Array.from({ length: concurrentRequests }, lane));
  return deleted;
}

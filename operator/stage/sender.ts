import type { SQSClient } from '@aws-sdk/client-sqs';
import { sendBatch } from '../../src/aws/sqs-api.ts';
import { collectingSender, type Sending, type Sent } from '../../src/queues/sender.ts';

/** Whoever sends waits for the answer, so a message hardly waits for company; milliseconds. */
const PACE = { lingerMs: 2, maxInFlight: 8 };

/** Sends to one queue, up to ten messages and 1 MiB to a request. The function that it returns never rejects. */
export function senderTo(sqs: SQSClient, queueUrl: string): (message: Sending) => Promise<Sent> {
  const sender = collectingSender((entries) => sendBatch(sqs, queueUrl, entries), PACE);
  return (message) => sender.submit(message);
}

import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import { MAX_BYTES } from '../../../src/queues/attributes.ts';
import type { Outgoing } from './outgoing.ts';

/** SendMessageBatch takes ten entries, and 1 MiB in all [API reference]. */
const ENTRIES_PER_REQUEST = 10;
const REQUESTS_IN_FLIGHT = 8;

/** What SQS answered, entry by entry. Grows while `deliver` runs. */
export interface Delivery {
  sent: number;
  /** How many entries were refused, by what SQS said. */
  readonly refused: Map<string, number>;
  /** The last one sent: with a single job that is the job. */
  last: Outgoing | undefined;
}

export const newDelivery = (): Delivery => ({ sent: 0, refused: new Map(), last: undefined });

/** All entries that were refused. */
export const refusedCount = ({ refused }: Delivery): number => [...refused.values()].reduce((sum, n) => sum + n, 0);

/**
 * Sends messages as they come, in full requests, eight at once; to a FIFO queue one after the other, which keeps their
 * order. Bounded memory: no more is taken than is being sent.
 *
 * @param delivery counts what became of each
 * @throws what the SDK throws for a whole request, after its own tries: of that one it is not known what was sent
 */
export async function deliver(
  messages: AsyncIterable<Outgoing>,
  to: { sqs: SQSClient; url: string; fifo: boolean; signal: AbortSignal },
  delivery: Delivery,
  onProgress: () => void,
): Promise<void> {
  const batches = batchesOf(messages);
  const worker = async (): Promise<void> => {
    for await (const batch of batches) {
      await sendBatch(to, batch, delivery);
      onProgress();
      if (to.signal.aborted) return;
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: to.fifo ? 1 : REQUESTS_IN_FLIGHT }, worker));
  const failed = settled.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed) throw failed.reason;
}

async function* batchesOf(messages: AsyncIterable<Outgoing>): AsyncGenerator<Outgoing[]> {
  let batch: Outgoing[] = [];
  let bytes = 0;
  for await (const message of messages) {
    const size = Buffer.byteLength(message.body);
    if (batch.length === ENTRIES_PER_REQUEST || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

async function sendBatch(to: { sqs: SQSClient; url: string }, batch: Outgoing[], delivery: Delivery): Promise<void> {
  const command = new SendMessageBatchCommand({ QueueUrl: to.url, Entries: batch.map(asEntry) });
  const { Successful = [], Failed = [] } = await to.sqs.send(command);
  delivery.sent += Successful.length;
  delivery.last = batch[Number(Successful.at(-1)?.Id)] ?? delivery.last;
  for (const { Code, Message } of Failed) count(delivery.refused, Message ? `${Code}: ${Message}` : `${Code}`, 1);
  const unanswered = batch.length - Successful.length - Failed.length;
  if (unanswered > 0) count(delivery.refused, 'SQS answered without this entry', unanswered);
}

function asEntry({ body, groupId, deduplicationId }: Outgoing, i: number): SendMessageBatchRequestEntry {
  return {
    Id: String(i),
    MessageBody: body,
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
  };
}

function count(counts: Map<string, number>, what: string, by: number): void {
  counts.set(what, (counts.get(what) ?? 0) + by);
}

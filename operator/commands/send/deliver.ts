import { ENTRIES_PER_REQUEST } from '../../../src/aws/sqs-api.ts';
import { SIZE_ATTRIBUTE } from '../../../src/payloads/pointer.ts';
import { type Sending, type Sent, sendTogether } from '../../../src/queues/sender.ts';
import type { Destination } from './destination.ts';
import type { Outgoing } from './outgoing.ts';

const REQUESTS_IN_FLIGHT = 8;

/** What SQS answered, entry by entry. Grows while `deliver` works. */
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
 * order. Memory is bounded: it takes no more messages than it is sending.
 *
 * @param delivery counts what became of each
 * @throws the error of a request that failed as a whole: of that one it is not known what was sent
 */
export async function deliver(
  messages: AsyncIterable<Outgoing>,
  to: Pick<Destination, 'send' | 'fifo' | 'mostBytes'> & { signal: AbortSignal },
  delivery: Delivery,
  onProgress: () => void,
): Promise<void> {
  const batches = batchesOf(messages, to.mostBytes);
  const worker = async (): Promise<void> => {
    for await (const batch of batches) {
      await deliverBatch(to, batch, delivery);
      onProgress();
      if (to.signal.aborted) return;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: to.fifo ? 1 : REQUESTS_IN_FLIGHT }, worker));
  const failed = ended.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  if (failed) throw failed.reason;
}

async function* batchesOf(messages: AsyncIterable<Outgoing>, mostBytes: number): AsyncGenerator<Outgoing[]> {
  let batch: Outgoing[] = [];
  let bytes = 0;
  for await (const message of messages) {
    const size = Buffer.byteLength(message.body);
    if (batch.length === ENTRIES_PER_REQUEST || (batch.length > 0 && bytes + size > mostBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** @throws the error of a request that failed as a whole */
async function deliverBatch(
  { send }: Pick<Destination, 'send'>,
  batch: readonly Outgoing[],
  delivery: Delivery,
): Promise<void> {
  const answers = await sendTogether(send, batch.map(asSending));
  for (const [i, answer] of answers.entries()) note(answer, batch[i] as Outgoing, delivery);
}

function note(answer: Sent, message: Outgoing, delivery: Delivery): void {
  if (answer.status === 'sent') {
    delivery.sent += 1;
    delivery.last = message;
    return;
  }
  if (answer.error) throw answer.error;
  const { status, code, message: text } = answer;
  const what = status === 'unanswered' ? text : `${code}${text && `: ${text}`}`;
  delivery.refused.set(what, (delivery.refused.get(what) ?? 0) + 1);
}

function asSending({ body, groupId, deduplicationId, payloadBytes }: Outgoing): Sending {
  return {
    MessageBody: body,
    ...(payloadBytes !== undefined && {
      MessageAttributes: { [SIZE_ATTRIBUTE]: { DataType: 'Number', StringValue: String(payloadBytes) } },
    }),
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
  };
}

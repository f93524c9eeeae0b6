import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { Coalescer } from '../aws/coalescer.ts';
import { type BatchAnswer, ENTRIES_PER_REQUEST, refusalsIn } from '../aws/sqs-api.ts';
import { isAws } from '../failures/aws-errors.ts';
import { MAX_BYTES, messageBytes } from './attributes.ts';

/** A message to send, without the entry id that the request gives it. */
export type Sending = Omit<SendMessageBatchRequestEntry, 'Id'> & { readonly MessageBody: string };

/** What SQS said to one message. */
export type Sent = { readonly status: 'sent'; readonly messageId: string } | Unsent;

/** `unanswered` may have been sent: the answer is missing. */
export interface Unsent {
  readonly status: 'refused' | 'unanswered';
  readonly code: string;
  readonly message: string;
  /** Where the whole request failed, and not for what this message holds. */
  readonly error?: Error;
}

/** One SendMessageBatch request. */
type Request = (entries: SendMessageBatchRequestEntry[]) => Promise<BatchAnswer>;

/** Collects single messages to one queue into full requests. It rejects only once it is closed. */
export function collectingSender(
  request: Request,
  pace: { readonly lingerMs: number; readonly maxInFlight: number },
): Coalescer<Sending, Sent> {
  return new Coalescer({
    ...pace,
    maxItems: ENTRIES_PER_REQUEST,
    maxBytes: MAX_BYTES,
    sizeOf: ({ MessageBody, MessageAttributes = {} }) => messageBytes(MessageBody, MessageAttributes),
    send: (messages) => sendTogether(request, messages),
  });
}

/**
 * Sends messages in one request. Where SQS refuses the request for what is in it, each goes alone: one message must not
 * take its neighbours along.
 *
 * @param messages at most ten, at most 1 MiB together
 * @returns an answer for each, in their order; it never rejects
 */
export async function sendTogether(request: Request, messages: readonly Sending[]): Promise<Sent[]> {
  try {
    const answer = await request(messages.map((message, i) => ({ ...message, Id: String(i) })));
    const refusals = refusalsIn(answer, messages.length);
    const ids = new Map(answer.Successful?.map(({ Id, MessageId }) => [Id, MessageId]));
    return refusals.map((refusal, i) => refusal ?? { status: 'sent', messageId: ids.get(String(i)) ?? '' });
  } catch (error) {
    const answer = unsent(error as Error);
    if (messages.length === 1 || answer.error) return messages.map(() => answer);
    return await eachAlone(request, messages);
  }
}

/** One after the other: those of a FIFO group are in their order. */
async function eachAlone(request: Request, messages: readonly Sending[]): Promise<Sent[]> {
  const answers: Sent[] = [];
  for (const message of messages) answers.push(...(await sendTogether(request, [message])));
  return answers;
}

/** SQS answered for the whole request with a client's fault: it took nothing. Anything else leaves it open. */
function unsent(error: Error & { $fault?: string }): Unsent {
  const { name: code, message, $fault } = error;
  const status = $fault === 'client' ? 'refused' : 'unanswered';
  return { status, code, message, ...(status === 'refused' && isAws(code, 'contents') ? {} : { error }) };
}

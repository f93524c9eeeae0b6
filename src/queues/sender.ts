import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { Coalescer } from '../aws/coalescer.ts';
import { type BatchAnswer, ENTRIES_PER_REQUEST, refusalsIn } from '../aws/sqs-api.ts';
import { isAws } from '../failures/aws-errors.ts';
import { MAX_BYTES, messageBytes } from './attributes.ts';

/** A message to send. The request adds the entry id. */
export type Sending = Omit<SendMessageBatchRequestEntry, 'Id'> & { readonly MessageBody: string };

/** SQS's answer for one message. */
export type Sent = { readonly status: 'sent'; readonly messageId: string } | Unsent;

/** With `unanswered` the answer is missing, so the message may have been sent. */
export interface Unsent {
  readonly status: 'refused' | 'unanswered';
  readonly code: string;
  readonly message: string;
  /** Set where the whole request failed, and not because of what this message holds. */
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
 * Sends messages in one request. Where SQS refuses the request because of its content, each message is sent alone, so
 * that one bad message does not hold up the others.
 *
 * @param messages at most ten, at most 1 MiB together
 * @returns one result for each, in order; it never rejects
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

/** One after another, so that messages of a FIFO group stay in order. */
async function eachAlone(request: Request, messages: readonly Sending[]): Promise<Sent[]> {
  const answers: Sent[] = [];
  for (const message of messages) answers.push(...(await sendTogether(request, [message])));
  return answers;
}

/**
 * With a client's fault for the whole request, SQS took nothing. With any other error the messages may have been sent.
 */
function unsent(error: Error & { $fault?: string }): Unsent {
  const { name: code, message, $fault } = error;
  const status = $fault === 'client' ? 'refused' : 'unanswered';
  return { status, code, message, ...(status === 'refused' && isAws(code, 'contents') ? {} : { error }) };
}

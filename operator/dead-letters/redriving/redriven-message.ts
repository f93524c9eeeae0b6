import { type MessageAttributeValue, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { Coalescer } from '../../../src/aws/coalescer.ts';
import { traceOf } from '../../../src/aws/trace-header.ts';
import {
  type Attributes,
  attributesOf,
  MAX_ATTRIBUTES,
  MAX_BYTES,
  messageBytes,
} from '../../../src/queues/attributes.ts';
import { REASON_ATTRIBUTE } from '../../../src/queues/reason.ts';
import type { Sending } from '../../../src/queues/requests.ts';
import { parseReturned, RETURNED_ATTRIBUTE } from '../../../src/queues/returned.ts';
import type { DeadLetter } from '../reading/letter.ts';

/** SQS batch requests take ten entries [API reference]. */
const ENTRIES_PER_REQUEST = 10;
const REQUESTS_IN_FLIGHT = 8;
const LINGER_MS = 2;

/**
 * The message that a letter goes back as: body and attributes byte for byte, those included that found no room beside
 * the reason. The reason travels along where there is room, so that a later one counts on from it. The mark that bounds
 * how long a worker may return a message does not: its four days begin anew.
 *
 * @param fifo whether the destination is. Its deduplication id comes from the letter's own message id: a second try within
 *   five minutes is swallowed, a later redrive of the job is not, since its letter is another
 */
export function sendingOf(letter: DeadLetter, { fifo }: { fifo: boolean }): Sending {
  const { body, reason, system } = letter;
  const { MessageGroupId, AWSTraceHeader } = system;
  return {
    MessageBody: body,
    MessageAttributes: attributesBack(letter, reason?.overflow ?? overflowOfCopy(letter)),
    ...traceOf(AWSTraceHeader),
    ...(MessageGroupId && { MessageGroupId }),
    ...(fifo && { MessageDeduplicationId: `redrive-${letter.messageId}` }),
  };
}

function attributesBack({ body, attributes }: DeadLetter, overflow: SQSRecord['messageAttributes'] = {}): Attributes {
  const { [REASON_ATTRIBUTE]: reason, [RETURNED_ATTRIBUTE]: _, ...rest } = attributes;
  const { [REASON_ATTRIBUTE]: __, [RETURNED_ATTRIBUTE]: ___, ...brought } = overflow;
  const all = { ...attributesOf(brought), ...rest };
  // More than SQS takes cannot have come off one message: then the reason, and what it brings, are a forgery.
  const own = isTaken(body, all) ? all : rest;
  if (!reason) return own;
  const withReason: Record<string, MessageAttributeValue> = { ...own, [REASON_ATTRIBUTE]: reason };
  return isTaken(body, withReason) ? withReason : own;
}

/** Where SQS moved a copy that the worker had returned to its queue: what found no room on it. */
function overflowOfCopy({ attributes }: DeadLetter): SQSRecord['messageAttributes'] | undefined {
  return parseReturned(attributes[RETURNED_ATTRIBUTE]?.StringValue, Date.now())?.overflow;
}

function isTaken(body: string, attributes: Attributes): boolean {
  return Object.keys(attributes).length <= MAX_ATTRIBUTES && messageBytes(body, attributes) <= MAX_BYTES;
}

/** What SQS said to one message. `unanswered` may have been sent: the answer is missing. */
export type Sent =
  | { readonly kind: 'sent'; readonly messageId: string }
  | { readonly kind: 'refused' | 'unanswered'; readonly code: string; readonly message: string };

/** Sends to one queue, up to ten messages and 1 MiB to a request. The function never rejects. */
export function batchSender(sqs: SQSClient, queueUrl: string): (message: Sending) => Promise<Sent> {
  const coalescer = new Coalescer<Sending, Sent>({
    maxItems: ENTRIES_PER_REQUEST,
    maxBytes: MAX_BYTES,
    sizeOf: ({ MessageBody, MessageAttributes = {} }) => messageBytes(MessageBody, MessageAttributes),
    // The messages of one group are sent one after the other anyway: see `redrive`.
    maxInFlight: REQUESTS_IN_FLIGHT,
    lingerMs: LINGER_MS,
    send: (messages) => sendTogether(sqs, queueUrl, messages),
  });
  return (message) => coalescer.submit(message);
}

/** What SQS says to a whole request for the sake of what is in it: perhaps of one message only. */
const ABOUT_CONTENTS =
  /^(Invalid(MessageContents|ParameterValue|AttributeValue)|BatchRequestTooLong|Validation|Serialization)/;

async function sendTogether(sqs: SQSClient, queueUrl: string, messages: readonly Sending[]): Promise<Sent[]> {
  const Entries = messages.map((message, i) => ({ ...message, Id: String(i) }));
  try {
    const { Successful = [], Failed = [] } = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    );
    return messages.map((_, i): Sent => {
      const messageId = Successful.find(({ Id }) => Id === String(i))?.MessageId;
      if (messageId !== undefined) return { kind: 'sent', messageId };
      const { Code = 'no answer', Message = '' } = Failed.find(({ Id }) => Id === String(i)) ?? {};
      return { kind: Code === 'no answer' ? 'unanswered' : 'refused', code: Code, message: Message };
    });
  } catch (error) {
    const answer = failed(error as Error);
    if (messages.length === 1 || answer.kind !== 'refused' || !ABOUT_CONTENTS.test(answer.code)) {
      return messages.map(() => answer);
    }
    return await eachAlone(sqs, queueUrl, messages);
  }
}

/** One message must not take its neighbours along. One after the other: those of a FIFO group are in their order. */
async function eachAlone(sqs: SQSClient, queueUrl: string, messages: readonly Sending[]): Promise<Sent[]> {
  const answers: Sent[] = [];
  for (const message of messages) answers.push(...(await sendTogether(sqs, queueUrl, [message])));
  return answers;
}

/** SQS answered for the whole request with a client's fault: it took nothing. Anything else leaves it open. */
function failed(error: Error & { $fault?: string }): Exclude<Sent, { kind: 'sent' }> {
  return { kind: error.$fault === 'client' ? 'refused' : 'unanswered', code: error.name, message: error.message };
}

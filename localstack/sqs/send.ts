import {
  INVALID_MESSAGE_BODY_CHAR,
  SqsError,
  type SqsMessage,
  type SqsQueue,
  sendMessage,
  sendMessageBatch,
} from '../fauxqs/internals.ts';
import type { Body, Caller } from './call.ts';
import { addExtras } from './message-extras.ts';
import type { QueueStore } from './store.ts';

/** A message has at most 10 attributes [SQS message metadata]. */
const MAXIMUM_ATTRIBUTES = 10;
/** The longest delay that SQS takes, in seconds. */
const MAXIMUM_DELAY = 900;

/** SQS also takes #x10000 to #x10FFFF [SendMessage]. fauxqs tests code units, and so refuses every emoji. */
const INVALID_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
INVALID_MESSAGE_BODY_CHAR.test = (body) => INVALID_CHARACTER.test(body);

interface Entry {
  Id?: string;
  MessageBody?: unknown;
  MessageAttributes?: Record<string, unknown>;
  MessageSystemAttributes?: { AWSTraceHeader?: { StringValue?: string } };
  MessageGroupId?: string;
  DelaySeconds?: number;
}

/**
 * SendMessage, with what fauxqs leaves out: the tenant of a fair queue, the trace header, limits on delay and
 * attributes.
 */
export function send(body: Body, store: QueueStore, { traceHeader }: Caller) {
  const wrong = complaint(body);
  if (wrong) throw new SqsError('InvalidParameterValue', wrong);
  const answer = sendMessage(body, store) as { MessageId: string };
  complete(store.getQueue(String(body.QueueUrl)), new Map([[answer.MessageId, body as Entry]]), traceHeader);
  return answer;
}

interface BatchAnswer {
  Successful: { Id: string; MessageId: string }[];
  Failed: object[];
}

/** SendMessageBatch. An entry that SQS would refuse fails alone. */
export function sendBatch(body: Body, store: QueueStore, { traceHeader }: Caller) {
  const entries = (body.Entries ?? []) as Entry[];
  const refused = entries.flatMap((entry) => {
    const Message = complaint(entry);
    return Message ? [{ Id: entry.Id, SenderFault: true, Code: 'InvalidParameterValue', Message }] : [];
  });
  if (refused.length > 0 && refused.length === entries.length) return { Successful: [], Failed: refused };
  const ids = new Set(refused.map((entry) => entry.Id));
  const accepted = refused.length ? entries.filter((entry) => !ids.has(entry.Id)) : entries;
  const answer = sendMessageBatch({ ...body, Entries: accepted }, store) as BatchAnswer;
  const byId = new Map(accepted.map((entry) => [entry.Id, entry]));
  const sent = answer.Successful.flatMap(({ Id, MessageId }) => [[MessageId, byId.get(Id) as Entry] as const]);
  complete(store.getQueue(String(body.QueueUrl)), new Map(sent), traceHeader);
  return { ...answer, Failed: [...answer.Failed, ...refused] };
}

function complaint(entry: Entry): string | undefined {
  if (typeof entry.MessageBody !== 'string' || entry.MessageBody === '') {
    return 'The request must contain the parameter MessageBody.';
  }
  const delay = entry.DelaySeconds ?? 0;
  if (!(delay >= 0 && delay <= MAXIMUM_DELAY)) {
    return `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MAXIMUM_DELAY}.`;
  }
  const count = Object.keys(entry.MessageAttributes ?? {}).length;
  if (count > MAXIMUM_ATTRIBUTES) {
    return `Number of message attributes [${count}] exceeds the allowed maximum [${MAXIMUM_ATTRIBUTES}].`;
  }
  return undefined;
}

/**
 * Adds what fauxqs leaves out to messages that were just sent. They are at the end of their list: fauxqs sends
 * synchronously, so none can have been received. A message's own trace goes before that of the request.
 */
function complete(queue: SqsQueue | undefined, sent: Map<string, Entry>, traceHeader: string | undefined) {
  const wanted =
    traceHeader || [...sent.values()].some((entry) => entry.MessageGroupId || entry.MessageSystemAttributes);
  if (!queue || !wanted) return;
  for (const message of newest(queue, sent)) {
    const entry = sent.get(message.messageId);
    if (entry?.MessageGroupId) message.messageGroupId = entry.MessageGroupId;
    const trace = entry?.MessageSystemAttributes?.AWSTraceHeader?.StringValue ?? traceHeader;
    if (trace) addExtras(message, { traceHeader: trace });
  }
}

function newest(queue: SqsQueue, sent: Map<string, Entry>): SqsMessage[] {
  if (!queue.isFifo()) return [...queue.messages.slice(-sent.size), ...queue.delayedMessages.slice(-sent.size)];
  const groups = new Set([...sent.values()].map((entry) => entry.MessageGroupId ?? ''));
  return [...groups]
    .flatMap((group) => [queue.fifoMessages.get(group), queue.fifoDelayed.get(group)])
    .flatMap((messages) => messages?.slice(-sent.size) ?? []);
}

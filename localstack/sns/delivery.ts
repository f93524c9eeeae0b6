import { type SnsStore, type SnsSubscription, type SnsTopic, SqsError, SqsStore } from '../fauxqs/internals.ts';
import type { Attribute } from '../sqs/message-attributes.ts';
import { send } from '../sqs/send.ts';
import type { QueueStore } from '../sqs/store.ts';
import type { Published } from './message.ts';
import { deadLetterQueueOf, filterOf, isFifo, queuesOf } from './subscription.ts';

/** Most attributes of a message on a queue [SQS]. */
const MOST_ATTRIBUTES = 10;

/** A message on its way to the queues of its topic. */
interface Envelope {
  readonly topic: SnsTopic;
  readonly messageId: string;
  readonly message: Published;
}

type Attributes = Record<string, Attribute>;

/**
 * Sends a message to every queue that subscribes to its topic and whose filter lets it pass. What a queue refuses goes to
 * the subscription's dead-letter queue with the reason, or is lost where there is none. The other queues notice nothing.
 * Queue policies are not looked at.
 */
export function deliver(envelope: Envelope, topics: SnsStore, queues: QueueStore, log: (line: string) => void) {
  for (const subscription of queuesOf(topics, envelope.topic)) {
    if (!filterOf(subscription.attributes)(envelope.message)) continue;
    const { body, attributes } = contentFor(subscription, envelope);
    const error = put(subscription.endpoint, { body, attributes }, envelope, queues);
    if (!error) continue;
    const target = deadLetterQueueOf(subscription.attributes.RedrivePolicy);
    const reasons = reasonsOf(error, envelope.messageId);
    const kept = Object.entries(attributes).slice(0, MOST_ATTRIBUTES - Object.keys(reasons).length);
    const letter = { body, attributes: { ...Object.fromEntries(kept), ...reasons } };
    const lost = !target || put(target, letter, envelope, queues) !== undefined;
    log(
      `sns: ${subscription.endpoint} did not get ${envelope.messageId}, ${lost ? 'which is lost' : `${target} did`}: ${error.message}`,
    );
  }
}

/** @returns why the queue did not take it */
function put(
  arn: string,
  { body, attributes }: { body: string; attributes: Attributes },
  { topic, message: { groupId, deduplicationId, trace } }: Envelope,
  queues: QueueStore,
): SqsError | undefined {
  const queue = queues.getQueueByArn(arn);
  if (!queue) return new SqsError('QueueDoesNotExist', 'The specified queue does not exist.');
  // A FIFO topic passes its groups on to FIFO queues only, a standard topic to standard queues [SNS: Publish].
  const group = isFifo(topic) === queue.isFifo() ? groupId : undefined;
  const entry = {
    QueueUrl: queue.url,
    MessageBody: body,
    MessageAttributes: attributes,
    ...(group !== undefined && { MessageGroupId: group }),
    ...(queue.isFifo() && deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
  };
  try {
    send(entry, queues, { host: '', isGone: () => false, ...(trace && { traceHeader: trace }) });
    return undefined;
  } catch (error) {
    if (error instanceof SqsError) return error;
    throw error;
  }
}

/** Raw: the message as it was published. Otherwise an envelope of JSON, and no attributes. */
function contentFor(
  { arn, attributes: { RawMessageDelivery } }: SnsSubscription,
  { topic, messageId, message }: Envelope,
): { body: string; attributes: Attributes } {
  const { body, subject, attributes } = message;
  if (RawMessageDelivery?.toLowerCase() === 'true') return { body, attributes };
  const region = topic.arn.split(':')[3];
  const names = Object.keys(attributes);
  const envelope = {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topic.arn,
    ...(subject !== undefined && { Subject: subject }),
    Message: body,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '1',
    Signature: 'EXAMPLE',
    SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    ...(names.length > 0 && {
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
          name,
          { Type: DataType, Value: StringValue ?? BinaryValue ?? '' },
        ]),
      ),
    }),
  };
  return { body: JSON.stringify(envelope), attributes: {} };
}

/** What SNS says on a dead letter of its own. */
function reasonsOf({ code, message }: SqsError, requestId: string): Attributes {
  const text = (StringValue: string): Attribute => ({ DataType: 'String', StringValue });
  return { RequestID: text(requestId), ErrorCode: text(code), ErrorMessage: text(message) };
}

/** The deduplication id of a message to a FIFO topic that deduplicates by content. */
export const idOfContent = (body: string): string => SqsStore.contentBasedDeduplicationId(body);

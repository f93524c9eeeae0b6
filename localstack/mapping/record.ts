import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';

/** A received message that waits for its batch. */
export interface BufferedRecord {
  messageId: string;
  receiptHandle: string;
  /** Only on FIFO queues and fair queues. */
  groupId?: string;
  /** The trace that the message was sent with, if any. */
  traceHeader?: string;
  /** The record as it will be in the event, already as JSON, because its size decides where the batch ends. */
  json: string;
  bytes: number;
  /** When its receive was sent, in epoch milliseconds. Its visibility timeout counts from here. */
  receivedAt: number;
}

interface RecordAttribute {
  stringValue?: string;
  binaryValue?: string;
  stringListValues: never[];
  binaryListValues: never[];
  dataType: string;
}

/** Lambda sends the list fields as empty arrays. SQS reserves them and never fills them. */
function recordAttribute({ StringValue, BinaryValue, DataType }: MessageAttributeValue): RecordAttribute {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType ?? 'String',
  };
}

/**
 * Turns a received message into the record that Lambda puts into the event, with every system attribute that the queue
 * returned: receive count and times; sender; on FIFO queues group, deduplication id and sequence number; the group also
 * on fair queues; AWSTraceHeader on traced messages.
 */
export function toRecord(
  message: Message,
  mapping: { queueArn: string; region: string },
  receivedAt: number,
): BufferedRecord {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
  const json = JSON.stringify({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    // The SDK's usual codec loses the value of an attribute called `__proto__`. That must not end the polling.
    messageAttributes: Object.fromEntries(
      Object.entries(MessageAttributes).flatMap(([name, value]) => (value ? [[name, recordAttribute(value)]] : [])),
    ),
    md5OfBody: message.MD5OfBody,
    md5OfMessageAttributes: message.MD5OfMessageAttributes,
    eventSource: 'aws:sqs',
    eventSourceARN: mapping.queueArn,
    awsRegion: mapping.region,
  });
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    ...(Attributes.MessageGroupId === undefined ? {} : { groupId: Attributes.MessageGroupId }),
    ...(Attributes.AWSTraceHeader === undefined ? {} : { traceHeader: Attributes.AWSTraceHeader }),
    json,
    bytes: Buffer.byteLength(json),
    receivedAt,
  };
}

/** The event for one invocation. */
export function eventPayload(records: readonly BufferedRecord[]): string {
  return `{"Records":[${records.map((record) => record.json).join(',')}]}`;
}

import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSMessageAttributes } from 'aws-lambda';

/** A message carries at most ten attributes [SQS quotas]. */
export const MAX_ATTRIBUTES = 10;

/** A message with its attributes has at most 1 MiB, and so has a whole batch request [SQS quotas]. */
export const MAX_BYTES = 1_048_576;

export type Attributes = Record<string, MessageAttributeValue>;

/**
 * A record's attributes in the form that SendMessage takes. Lambda writes their fields in lower case, and binary values
 * in base64.
 */
export function attributesOf(attributes: SQSMessageAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, toSend(attribute)]));
}

function toSend({ dataType, stringValue, binaryValue }: SQSMessageAttribute): MessageAttributeValue {
  return binaryValue === undefined || binaryValue === null
    ? { DataType: dataType, StringValue: stringValue ?? '' }
    : { DataType: dataType, BinaryValue: Buffer.from(binaryValue, 'base64') };
}

/** A string attribute. */
export function text(value: string): MessageAttributeValue {
  return { DataType: 'String', StringValue: value };
}

/** The bytes of a message that count against `MAX_BYTES`: its body, and the name, type and value of each attribute. */
export function messageBytes(body: string, attributes: Attributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + DataType.length + (BinaryValue?.length ?? Buffer.byteLength(StringValue));
  }
  return bytes;
}

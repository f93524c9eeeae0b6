import { SqsError } from '../fauxqs/internals.ts';
import { type Attribute, attributeBytes, checkAttribute } from '../sqs/message-attributes.ts';
import { invalidParameter } from './errors.ts';
import { itemsOf, type Tree, textOf } from './form.ts';

/** A message as Publish or an entry of PublishBatch brings it. */
export interface Published {
  readonly body: string;
  readonly subject: string | undefined;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** X-Ray's trace of the request, which SNS passes on. */
  readonly trace: string | undefined;
}

/** A message with its attributes, and a whole batch [SNS quotas]. SQS takes four times as much. */
export const MOST_BYTES = 262_144;

const LONGEST_SUBJECT = 100;
const GROUP_OR_DEDUPLICATION_ID = /^[!-~]{1,128}$/;

/** Reads a message, and refuses what SNS refuses. @throws {SnsError} */
export function readMessage(fields: Tree, trace: string | undefined, isFifo: boolean): Published {
  const message: Published = {
    body: bodyOf(fields),
    subject: textOf(fields, 'Subject'),
    attributes: attributesOf(fields),
    groupId: textOf(fields, 'MessageGroupId'),
    deduplicationId: textOf(fields, 'MessageDeduplicationId'),
    trace,
  };
  const { body, subject, groupId, deduplicationId } = message;
  if (body === '') throw invalidParameter('Empty message');
  if (bytesOf(message) > MOST_BYTES) throw invalidParameter('Message too long');
  if (subject !== undefined && (subject === '' || subject.length > LONGEST_SUBJECT)) throw invalidParameter('Subject');
  for (const [name, id] of Object.entries({ MessageGroupId: groupId, MessageDeduplicationId: deduplicationId })) {
    if (id !== undefined && !GROUP_OR_DEDUPLICATION_ID.test(id)) {
      throw invalidParameter(`${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`);
    }
  }
  if (isFifo && groupId === undefined) {
    throw invalidParameter('The MessageGroupId parameter is required for FIFO topics');
  }
  if (!isFifo && deduplicationId !== undefined) {
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  return message;
}

export const bytesOf = ({ body, attributes }: Published): number =>
  Buffer.byteLength(body) + attributeBytes(attributes as Record<string, Attribute>);

/** With `MessageStructure=json` there is a body for each protocol; without one for queues, the default is theirs. */
function bodyOf(fields: Tree): string {
  const body = textOf(fields, 'Message') ?? '';
  if (textOf(fields, 'MessageStructure') !== 'json') return body;
  const bodies = parse(body);
  if (typeof bodies !== 'object' || bodies === null)
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  const { sqs, default: otherwise } = bodies as Record<string, unknown>;
  if (typeof otherwise !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  return typeof sqs === 'string' ? sqs : otherwise;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** SNS takes more than ten attributes. Only a queue with raw delivery does not. */
function attributesOf(fields: Tree): Record<string, Attribute> {
  const attributes: Record<string, Attribute> = {};
  for (const entry of itemsOf(fields, 'MessageAttributes')) {
    const value = typeof entry.Value === 'object' ? entry.Value : {};
    const [name = '', DataType, StringValue, BinaryValue] = [
      textOf(entry, 'Name'),
      ...['DataType', 'StringValue', 'BinaryValue'].map((field) => textOf(value, field)),
    ];
    const attribute: Attribute = {
      ...(DataType !== undefined && { DataType }),
      ...(StringValue !== undefined && { StringValue }),
      ...(BinaryValue !== undefined && { BinaryValue }),
    };
    try {
      checkAttribute(name, attribute);
    } catch (error) {
      if (error instanceof SqsError) throw invalidParameter(error.message);
      throw error;
    }
    attributes[name] = attribute;
  }
  return attributes;
}

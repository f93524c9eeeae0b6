import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import { type Attributes, MAX_ATTRIBUTES, MAX_BYTES, messageBytes } from '../../../src/queues/attributes.ts';
import { isSqsText } from '../../../src/queues/sqs-text.ts';
import { escapedJson, oneLine } from '../../output/printable.ts';
import type { DeadLetter } from '../reading/letter.ts';

/** The system attributes that can be set when a message is sent. */
const SYSTEM = ['AWSTraceHeader', 'MessageGroupId'] as const;

/** As SQS takes it [CreateQueue]: up to 80 characters. */
const QUEUE_NAME = /^[\w.-]{1,80}$/;

/** A dead letter as a line of an export holds it. */
export interface ExportedLetter {
  /** The short name of the queue that it died on. */
  readonly queue: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly system: Readonly<Partial<Record<(typeof SYSTEM)[number], string>>>;
}

/**
 * One line of JSON, without its line end. It holds all that can be sent again and nothing else, with names in order, so
 * that an imported letter exports to the same bytes. Message ids, deduplication ids and times are missing: SQS gives
 * new ones with each sending. What a terminal would obey is escaped.
 */
export function toLine(
  queue: string,
  { body, attributes, system }: Pick<DeadLetter, 'body' | 'attributes' | 'system'>,
) {
  const named = Object.keys(attributes).sort();
  const own = SYSTEM.filter((name) => system[name] !== undefined);
  const line = JSON.stringify({
    queue,
    body,
    attributes: Object.fromEntries(named.map((name) => [name, toJson(attributes[name] as MessageAttributeValue)])),
    system: Object.fromEntries(own.map((name) => [name, system[name]])),
  });
  return escapedJson(line);
}

function toJson({ DataType, StringValue, BinaryValue }: MessageAttributeValue): object {
  return BinaryValue
    ? { DataType, BinaryValue: Buffer.from(BinaryValue).toString('base64') }
    : { DataType, StringValue };
}

/** Reads a line and checks all that SQS would refuse in it. @throws Error that says what is wrong */
export function fromLine(line: string): ExportedLetter {
  const { queue, body, attributes, system } = objectOf(JSON.parse(line), 'the line');
  // A URL is refused: a file must not choose where letters are sent.
  check(typeof queue === 'string' && QUEUE_NAME.test(queue), '"queue" must name a queue');
  check(typeof body === 'string' && body !== '', '"body" must be a string that is not empty');
  check(isSqsText(body), '"body" holds a character that SQS does not take');
  const read = Object.entries(objectOf(attributes, '"attributes"')).map(
    ([name, value]) => [name, attributeOf(name, value)] as const,
  );
  const letter = { queue, body, attributes: Object.fromEntries(read), system: systemOf(system) };
  check(read.length <= MAX_ATTRIBUTES, `${read.length} attributes, and SQS takes ${MAX_ATTRIBUTES}`);
  const bytes = messageBytes(body, letter.attributes);
  check(bytes <= MAX_BYTES, `${bytes} bytes, and SQS takes ${MAX_BYTES}`);
  return letter;
}

function attributeOf(key: string, value: unknown): MessageAttributeValue {
  const name = oneLine(key, 100);
  const { DataType, StringValue, BinaryValue } = objectOf(value, `attribute ${name}`);
  check(
    typeof DataType === 'string' && /^(String|Number|Binary)(\..+)?$/.test(DataType),
    `attribute ${name} has no type`,
  );
  if (!DataType.startsWith('Binary')) {
    check(typeof StringValue === 'string' && isSqsText(StringValue), `attribute ${name} has no usable string`);
    return { DataType, StringValue };
  }
  const bytes = Buffer.from(String(BinaryValue), 'base64');
  check(typeof BinaryValue === 'string' && bytes.toString('base64') === BinaryValue, `attribute ${name} is not base64`);
  return { DataType, BinaryValue: bytes };
}

function systemOf(value: unknown): ExportedLetter['system'] {
  const system = objectOf(value, '"system"');
  for (const [name, text] of Object.entries(system)) {
    check((SYSTEM as readonly string[]).includes(name), `"system" holds ${oneLine(name, 100)}, which cannot be sent`);
    check(typeof text === 'string', `${name} must be a string`);
  }
  return system as ExportedLetter['system'];
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} must be an object`);
  return value as Record<string, unknown>;
}

function check(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}

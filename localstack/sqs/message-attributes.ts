import { SqsError } from '../fauxqs/internals.ts';
import { INVALID_CHARACTER } from './characters.ts';
import { invalidParameter } from './refusals.ts';

/** As the JSON protocol brings it: a binary value is base64. */
export interface Attribute {
  DataType?: string;
  StringValue?: string;
  BinaryValue?: string;
}

/** A message carries at most 10 attributes [SQS message metadata]. */
const MOST = 10;
const LONGEST_NAME = 256;
const NAME = /^[\w-]+(\.[\w-]+)*$/;
const RESERVED = /^(aws|amazon)\./i;
const TYPE = /^(String|Number|Binary)(\.[\w.-]+)?$/;
const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/** Refuses what SQS refuses as message attributes [SQS message metadata]. @throws {SqsError} */
export function checkAttributes(attributes: Record<string, Attribute>) {
  const count = Object.keys(attributes).length;
  if (count > MOST) {
    throw invalidParameter(`Number of message attributes [${count}] exceeds the allowed maximum [${MOST}].`);
  }
  for (const [name, attribute] of Object.entries(attributes)) checkAttribute(name, attribute);
}

/** Refuses what SQS and SNS refuse as one message attribute. @throws {SqsError} */
export function checkAttribute(name: string, attribute: Attribute) {
  checkName(name);
  checkValue(name, attribute ?? {});
}

function checkName(name: string) {
  if (name === '' || name.length > LONGEST_NAME) {
    throw invalidParameter(`Message (user) attribute names must be from 1 to ${LONGEST_NAME} characters long.`);
  }
  if (RESERVED.test(name)) {
    throw invalidParameter(`Message (user) attribute name '${name}' starts with a reserved prefix: AWS. or Amazon.`);
  }
  if (!NAME.test(name)) {
    throw invalidParameter(
      `Message (user) attribute name '${name}' is invalid: it can hold letters, digits, underscores, hyphens, and single periods between them.`,
    );
  }
}

function checkValue(name: string, attribute: Attribute) {
  const { DataType = '', StringValue = '', BinaryValue = '' } = attribute;
  if (![DataType, StringValue, BinaryValue].every((field) => typeof field === 'string')) {
    throw new SqsError('SerializationException', `The fields of message attribute '${name}' must be strings.`);
  }
  if (DataType === '') {
    throw invalidParameter(`The message attribute '${name}' must contain non-empty message attribute type.`);
  }
  const type = DataType.length <= LONGEST_NAME ? TYPE.exec(DataType)?.[1] : undefined;
  if (!type) {
    throw invalidParameter(
      `The type of message (user) attribute '${name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.`,
    );
  }
  const value = type === 'Binary' ? BinaryValue : StringValue;
  if (value === '') {
    throw invalidParameter(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    );
  }
  if (INVALID_CHARACTER.test(value)) {
    throw invalidParameter(`The value of message (user) attribute '${name}' contains invalid characters.`);
  }
  if (type === 'Number' && !NUMBER.test(value)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  }
}

/** What attributes add to a message's size: names, types and values. */
export const attributeBytes = (attributes: Record<string, Attribute>): number =>
  Object.entries(attributes).reduce((sum, [name, attribute]) => {
    const { DataType = '', StringValue = '', BinaryValue = '' } = attribute ?? {};
    return sum + Buffer.byteLength(`${name}${DataType}${StringValue}`) + Buffer.byteLength(`${BinaryValue}`, 'base64');
  }, 0);

import type { SQSMessageAttribute, SQSMessageAttributes } from 'aws-lambda';
import { MAX_ATTRIBUTES } from './attributes.ts';
import { isSqsText } from './sqs-text.ts';

/** Whether a JSON value has a certain form. */
export type Form = (value: unknown) => boolean;

/** The most characters of a name: of a class, a function, its version [Lambda: ARNs of up to 170]. */
const MAX_NAME = 256;

/**
 * A JSON object of a few fields, from text that anybody may have written. It never throws; undefined for any other
 * text. Its time is linear in the text's length, because text with too much structure is not parsed.
 */
export function fewFieldsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = isFlat(text) ? parsed(text) : undefined;
  return isObject(value) ? value : undefined;
}

/**
 * The most brackets and commas outside of strings. A dead letter's reason has about 20, and 7 more for each attribute
 * in it.
 */
const MAX_MARKS = 500;
const [QUOTE, COMMA, BRACKET, BACKSLASH, BRACE] = [0x22, 0x2c, 0x5b, 0x5c, 0x7b];

/**
 * Whether the text has no more structure than `MAX_MARKS`. The time of JSON.parse grows with the structure, to 100 ms
 * for 1 MiB.
 */
function isFlat(text: string): boolean {
  let marks = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) inString = !inString;
    else if (inString) i += code === BACKSLASH ? 1 : 0;
    else if ((code === COMMA || code === BRACKET || code === BRACE) && ++marks > MAX_MARKS) return false;
  }
  return true;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The length is checked first, so that a pattern never sees a long text. */
export function matches(pattern: RegExp): Form {
  return (value) => typeof value === 'string' && value.length <= MAX_NAME && pattern.test(value);
}

/** SQS refuses a Number attribute that is not a number [message attribute data types]. */
const isNumber: Form = matches(/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/);

/** Any text on one line, because a handler may give its errors any name. */
export function isName(value: unknown): boolean {
  return matches(/^[^\p{C}\p{Zl}\p{Zp}]+$/u)(value);
}

/** It may be empty or have several lines, because it is quoted, and made harmless where it is printed. */
export function textUpTo(most: number): Form {
  return (value) => typeof value === 'string' && value.length <= most;
}

/** A time as `toISOString` writes it, in this century. */
export function isMoment(value: unknown): boolean {
  if (!matches(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)(value)) return false;
  const at = Date.parse(value as string);
  return !Number.isNaN(at) && new Date(at).toISOString() === value;
}

/** At most as many attributes as a message can have, each of them valid for SQS. */
export function isOverflow(value: unknown): boolean {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MAX_ATTRIBUTES && entries.every(([name, each]) => isAttribute(name, each));
}

/**
 * The names of attributes that SQS takes [message metadata]. Of a copy with any other name it would take nothing, and a producer
 * may forge one.
 */
const isAttributeName = matches(/^(?!(aws|amazon)\.)[\w-]+(\.[\w-]+)*$/i);
const isDataType = matches(/^(String|Number|Binary)(\.[\w.-]+)?$/);

/** An attribute that SQS takes [message metadata], with the field names of a Lambda record. */
function isAttribute(name: string, value: unknown): boolean {
  if (!isAttributeName(name) || !isObject(value)) return false;
  const { dataType, stringValue, binaryValue } = value;
  if (!isDataType(dataType)) return false;
  if (!(dataType as string).startsWith('Binary')) {
    if (typeof stringValue !== 'string' || stringValue === '' || binaryValue != null) return false;
    return (dataType as string).startsWith('Number') ? isNumber(stringValue) : isSqsText(stringValue);
  }
  if (typeof binaryValue !== 'string' || binaryValue === '') return false;
  return Buffer.from(binaryValue, 'base64').toString('base64') === binaryValue;
}

/** The parts of attributes that matter: their type and value. */
export function typesAndValues(attributes: SQSMessageAttributes): SQSMessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]): [string, SQSMessageAttribute] => [
      name,
      {
        dataType,
        ...(stringValue != null && { stringValue }),
        ...(binaryValue != null && { binaryValue }),
        stringListValues: [],
        binaryListValues: [],
      },
    ]),
  );
}

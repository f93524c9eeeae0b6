import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../errors.ts';
import type { Json } from '../job.ts';

/** DynamoDB's numbers: magnitudes from 1e-130 to just below 1e126, and zero. */
const TOO_LARGE = 1e126;
const SMALLEST = 1e-130;

/** DynamoDB's limit for an item, names and values together, in bytes; some of it belongs to our own attributes. */
const MAX_RESULT_BYTES = 400 * 1024 - 8 * 1024;

/**
 * A job's result as DynamoDB stores it.
 *
 * @throws PermanentError when DynamoDB cannot hold it: no JSON, a number out of range, or more than 392 KB
 */
export function marshalResult(result: Json): AttributeValue {
  const budget = { bytes: MAX_RESULT_BYTES };
  return marshal(result, budget);
}

function marshal(value: Json, budget: { bytes: number }): AttributeValue {
  switch (typeof value) {
    case 'number':
      return { N: spend(budget, numberText(value), 1) };
    case 'string':
      return { S: spend(budget, value, 1) };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      break;
    default:
      throw new PermanentError(`a result must be JSON; the handler returned ${typeof value}`);
  }
  if (value === null) return { NULL: true };
  if (Array.isArray(value)) return { L: value.map((item) => marshal(item, budget)) };
  const fields: Record<string, AttributeValue> = Object.create(null);
  for (const [name, field] of Object.entries(value as Readonly<Record<string, Json>>)) {
    fields[spend(budget, name, 1)] = marshal(field, budget);
  }
  return { M: fields };
}

function numberText(value: number): string {
  const magnitude = Math.abs(value);
  if (value === 0) return '0';
  if (magnitude >= SMALLEST && magnitude < TOO_LARGE) return String(value);
  throw new PermanentError(`the result ${value} is outside of what DynamoDB stores: ±1e-130 to ±9.99e125`);
}

/** Every value costs its bytes and at least one more. Counting stops the walk early, before a huge result is copied. */
function spend(budget: { bytes: number }, text: string, extra: number): string {
  budget.bytes -= Buffer.byteLength(text) + extra;
  if (budget.bytes >= 0) return text;
  throw new PermanentError(
    `the result is larger than ${MAX_RESULT_BYTES} bytes, and a DynamoDB item holds 400 KB; store it in S3 and return its key`,
  );
}

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PermanentError } from '../../failures/errors.ts';
import { legible } from '../../failures/foreign-text.ts';
import type { Json } from '../../job.ts';
import { isPlain, MAX_CONTAINERS, MAX_RESULT_BYTES } from '../result-rules.ts';

/** DynamoDB's numbers: zero, and magnitudes from 1e-130 to just below 1e126. */
const TOO_LARGE = 1e126;
const SMALLEST = 1e-130;

/**
 * What values take besides their text, in bytes [DynamoDB item sizes and formats]: a list or map; null or a boolean;
 * each element or pair.
 */
const CONTAINER_BYTES = 3;
const FLAG_BYTES = 1;
const ELEMENT_BYTES = 1;

/**
 * For results up to this size, as DynamoDB counts, the size in a request is not counted. Counting would be 15 % of the
 * CPU of a record with a result of 1 KB, and nothing where the result is a number (`node bench/tricks.ts --only 'small
 * results'`).
 */
const SMALL_RESULT_BYTES = 16 * 1024;
/** The most bytes in a request for one byte as DynamoDB counts: an empty text in a list becomes `{"S":""},`. */
const WIRE_BYTES_PER_BYTE = 9;

const wire = new WeakMap<AttributeValue, number>();

/** The state of a walk through one result. */
interface Walk {
  readonly result: unknown;
  /** The bytes that it may take. */
  readonly most: number;
  /** What is left of them. */
  bytes: number;
  /** Names and indexes that lead from the result to the current value. */
  readonly path: (string | number)[];
}

/**
 * A job's result as DynamoDB stores it. This is our own code because the SDK's `convertToAttr` refuses nothing by size,
 * and does not name the path to what it refuses. It is not for speed: both cost about the same (`node bench/tricks.ts
 * --only util-dynamodb`). As in `JSON.stringify`, a property that is undefined is left out. Unlike there, nothing else
 * is changed: a value that is not JSON is refused, with the path to it.
 *
 * @throws PermanentError when DynamoDB cannot hold it: no JSON, a result that contains itself or more than 31 lists and
 *   maps in each other, half a surrogate pair, a number out of range, or more than `most` bytes
 * @param most by default 392 KB: see `bytesBeside`
 */
export function marshalResult(result: Json, most: number = MAX_RESULT_BYTES): AttributeValue {
  if (typeof result === 'number') return { N: numberText(result) };
  const walk: Walk = { result, most, bytes: most, path: [] };
  const value = marshal(result, walk);
  if (walk.bytes < most - SMALL_RESULT_BYTES) wire.set(value, countWire(value));
  return value;
}

/**
 * The bytes that a marshalled result takes in a request, as JSON. Large results are counted. Small results are not, and
 * take at most the number that is returned for them (144 KB). No result takes more than 3.6 MB.
 */
export function wireBytes(value: AttributeValue): number {
  return wire.get(value) ?? SMALL_RESULT_BYTES * WIRE_BYTES_PER_BYTE;
}

/** The length of the value's JSON and of the comma after it, without building the text. */
function countWire({ S, N, L, M }: AttributeValue): number {
  if (S !== undefined) return '{"S":},'.length + quotedBytes(S);
  if (N !== undefined) return '{"N":""},'.length + N.length;
  if (L) return L.reduce((bytes, item) => bytes + countWire(item), '{"L":[]},'.length);
  if (!M) return '{"BOOL":false},'.length;
  let bytes = '{"M":{}},'.length;
  for (const name in M) bytes += quotedBytes(name) + 1 + countWire(M[name] as AttributeValue);
  return bytes;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes them
const ESCAPED = /["\\\x00-\x1f]/;

function quotedBytes(text: string): number {
  return ESCAPED.test(text) ? Buffer.byteLength(JSON.stringify(text)) : Buffer.byteLength(text) + 2;
}

function marshal(value: unknown, walk: Walk): AttributeValue {
  switch (typeof value) {
    case 'number':
      return { N: text(numberText(value, walk), walk) };
    case 'string':
      return { S: text(value, walk) };
    case 'boolean':
      spend(FLAG_BYTES + ELEMENT_BYTES, walk);
      return { BOOL: value };
    case 'object':
      break;
    default:
      throw notJson(typeof value, walk);
  }
  if (value === null) {
    spend(FLAG_BYTES + ELEMENT_BYTES, walk);
    return { NULL: true };
  }
  spend(CONTAINER_BYTES + ELEMENT_BYTES, walk);
  if (walk.path.length >= MAX_CONTAINERS) throw tooDeep(walk);
  if (Array.isArray(value)) return { L: list(value, walk) };
  if (isPlain(value)) return { M: map(value, walk) };
  throw notJson(`an instance of ${className(value)}`, walk);
}

function list(items: readonly unknown[], walk: Walk): AttributeValue[] {
  const values: AttributeValue[] = [];
  // By index, because a hole then reads as undefined, and is refused like that.
  for (let i = 0; i < items.length; i++) {
    walk.path.push(i);
    values.push(marshal(items[i], walk));
    walk.path.pop();
  }
  return values;
}

function map(fields: object, walk: Walk): Record<string, AttributeValue> {
  const values: Record<string, AttributeValue> = Object.create(null);
  for (const name of Object.keys(fields)) {
    const value = (fields as Record<string, unknown>)[name];
    if (value === undefined) continue;
    walk.path.push(name);
    spend(bytesOf(name, walk), walk);
    values[name] = marshal(value, walk);
    walk.path.pop();
  }
  return values;
}

function numberText(value: number, walk?: Walk): string {
  const magnitude = Math.abs(value);
  if (value === 0) return '0';
  if (magnitude >= SMALLEST && magnitude < TOO_LARGE) return String(value);
  const what = Number.isFinite(value) ? `too ${magnitude < 1 ? 'small' : 'large'}` : 'not finite';
  throw new PermanentError(
    `the result's number${walk ? at(walk) : ''} is ${what}: outside of what DynamoDB stores, ±1e-130 to ±9.99e125`,
  );
}

/** Numbers are counted by the length of their text. DynamoDB never needs more bytes than that. */
function text(value: string, walk: Walk): string {
  spend(bytesOf(value, walk) + ELEMENT_BYTES, walk);
  return value;
}

function bytesOf(value: string, walk: Walk): number {
  if (value.isWellFormed()) return Buffer.byteLength(value);
  throw new PermanentError(`a result must be well-formed Unicode; the text${at(walk)} has half a surrogate pair`);
}

/** Counting during the walk ends it early, before a huge result is copied. */
function spend(bytes: number, walk: Walk): void {
  walk.bytes -= bytes;
  if (walk.bytes >= 0) return;
  throw new PermanentError(
    `the result is larger than ${walk.most} bytes, and a DynamoDB item holds 400 KB; store it in S3 and return its key`,
  );
}

function notJson(what: string, walk: Walk): PermanentError {
  return new PermanentError(`a result must be JSON; the handler returned ${what}${at(walk)}`);
}

function tooDeep(walk: Walk): PermanentError {
  const seen = new Set<unknown>();
  let value = walk.result;
  for (const [depth, name] of walk.path.entries()) {
    seen.add(value);
    value = (value as Record<string | number, unknown>)[name];
    if (seen.has(value))
      return notJson(`an object that contains itself`, { ...walk, path: walk.path.slice(0, depth + 1) });
  }
  return new PermanentError(`the result is nested deeper than the 32 levels that DynamoDB takes${at(walk)}`);
}

function at({ path }: Walk): string {
  return path.length === 0 ? '' : ` at ${legible(path.map((name) => `/${name}`).join(''), 200)}`;
}

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? legible(name, 50) : 'a class';
}

import type { Json } from '../../../src/job.ts';

/** Longest first: `>=` must not be read as `>` and a value `=...`. */
const OPERATORS = ['!=', '>=', '<=', '!~', '=', '>', '<', '~'] as const;

type Operator = (typeof OPERATORS)[number];

/** One condition on a body: a path into it, an operator and a value. */
export interface Condition {
  readonly path: readonly string[];
  readonly operator: Operator;
  readonly value: string;
  /** Whether the value was written in quotes, and so is a string and nothing else. */
  readonly quoted: boolean;
}

/** A condition that cannot be read, with a mark below the column where it goes wrong. */
export class WhereError extends Error {
  override readonly name = 'WhereError';

  constructor(text: string, column: number, problem: string) {
    super(`${problem}, at column ${column + 1}:\n  ${text}\n  ${' '.repeat(column)}^`);
  }
}

/**
 * Reads a condition: a path, an operator, a value.
 *
 * - path: keys and indices joined by dots (`customer.tier`, `items.0.id`, `items.length`); a key with dots, spaces or operators in
 *   JSON's quotes (`"my.key".x`)
 * - operators: `=` `!=` `>` `>=` `<` `<=`, `~` (contains) and `!~`
 * - value: the rest, without the white space around it; in JSON's quotes it is a string and nothing else
 *
 * @throws WhereError
 */
export function parseWhere(text: string): Condition {
  const { path, end } = readPath(text);
  const at = skipSpace(text, end);
  const operator = OPERATORS.find((candidate) => text.startsWith(candidate, at));
  if (!operator) throw new WhereError(text, at, `expected one of ${OPERATORS.join(' ')}`);
  const start = skipSpace(text, at + operator.length);
  const value = text.slice(start).trimEnd();
  if (value === '') throw new WhereError(text, start, 'expected a value (an empty string is "")');
  if (!value.startsWith('"')) return { path, operator, value, quoted: false };
  const string = readString(text, start);
  const rest = skipSpace(text, string.end);
  if (rest < text.length) throw new WhereError(text, rest, 'expected nothing after the quotes');
  return { path, operator, value: string.value, quoted: true };
}

/**
 * Whether a body satisfies a condition. What is not there is unequal to everything and contains nothing.
 *
 * `>` and its kin compare numbers with numbers, and strings with strings (dates in ISO 8601 sort that way); anything
 * else they do not match.
 */
export function matches(body: Json, { path, operator, value, quoted }: Condition): boolean {
  const actual = at(body, path);
  switch (operator) {
    case '=':
      return equals(actual, value, quoted);
    case '!=':
      return !equals(actual, value, quoted);
    case '~':
      return textOf(actual)?.includes(value) ?? false;
    case '!~':
      return !(textOf(actual)?.includes(value) ?? false);
    default:
      return compare(actual, operator, value, quoted);
  }
}

function at(body: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = body;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, Json>>)[key];
  }
  return value;
}

function equals(actual: Json | undefined, value: string, quoted: boolean): boolean {
  if (quoted) return actual === value;
  return textOf(actual) === value || (typeof actual === 'number' && actual === numberOf(value));
}

function compare(actual: Json | undefined, operator: '>' | '>=' | '<' | '<=', value: string, quoted: boolean): boolean {
  const number = quoted ? undefined : numberOf(value);
  if (typeof actual === 'number' && number !== undefined) return holds(actual, operator, number);
  return typeof actual === 'string' && number === undefined && holds(actual, operator, value);
}

function holds<T extends string | number>(a: T, operator: '>' | '>=' | '<' | '<=', b: T): boolean {
  if (operator === '>') return a > b;
  if (operator === '>=') return a >= b;
  return operator === '<' ? a < b : a <= b;
}

/** Objects and lists have none: they are looked into by path. */
function textOf(value: Json | undefined): string | undefined {
  return value === undefined || (typeof value === 'object' && value !== null) ? undefined : String(value);
}

function numberOf(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function readPath(text: string): { path: string[]; end: number } {
  const path: string[] = [];
  for (let next = skipSpace(text, 0); ; next += 1) {
    const { value, end } = text[next] === '"' ? readString(text, next) : readKey(text, next);
    path.push(value);
    next = end;
    if (text[next] !== '.') return { path, end };
  }
}

function readKey(text: string, start: number): { value: string; end: number } {
  const value = /^[^\s."=!<>~]+/.exec(text.slice(start))?.[0];
  if (!value) throw new WhereError(text, start, 'expected a key');
  return { value, end: start + value.length };
}

function readString(text: string, start: number): { value: string; end: number } {
  const literal = /^"(?:[^"\\]|\\.)*"/s.exec(text.slice(start))?.[0];
  if (!literal) throw new WhereError(text, start, 'expected closing quotes');
  try {
    return { value: JSON.parse(literal) as string, end: start + literal.length };
  } catch {
    throw new WhereError(text, start, 'expected a string as JSON writes it');
  }
}

function skipSpace(text: string, start: number): number {
  let end = start;
  while (/\s/.test(text[end] ?? '')) end += 1;
  return end;
}

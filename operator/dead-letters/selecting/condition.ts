import type { Json } from '../../../src/job.ts';

/** Longest first: `>=` must not be read as `>` and a value `=...`. */
export const OPERATORS = ['!=', '>=', '<=', '!~', '=', '>', '<', '~'] as const;

type Operator = (typeof OPERATORS)[number];

/** One condition on a body: a path into it, an operator and a value. */
export interface Condition {
  readonly path: readonly string[];
  readonly operator: Operator;
  readonly value: string;
  /** Whether the value was written in quotes, and so is a string and nothing else. */
  readonly quoted: boolean;
}

/**
 * Whether a body satisfies a condition. A missing value is unequal to everything and contains nothing.
 *
 * `>`, `>=`, `<` and `<=` compare numbers with numbers and strings with strings, so dates in ISO 8601 compare as well. They
 * match nothing else.
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

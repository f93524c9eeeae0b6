import { type Condition, OPERATORS } from './condition.ts';

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

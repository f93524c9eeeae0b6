import { compileRule, InvalidFilterError, type Rule } from './filter-rule.ts';

/** Lambda takes five filters on a mapping, or ten with a raised account quota. */
const mostFilters = 10;

type Test = (body: unknown) => boolean;

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A list of rules. One of them must hold. */
function compileList(rules: unknown[], where: string): Rule {
  if (rules.length === 0) throw new InvalidFilterError(`${where}: an empty list matches nothing`);
  const compiled = rules.map((rule) => compileRule(rule, where));
  return (value) => compiled.some((rule) => rule(value));
}

/** An object of fields. All of them must hold. If an object is absent, so are the fields below it. */
function compileFields(pattern: Record<string, unknown>, where: string): Test {
  const tests = Object.entries(pattern).map(([key, inner]): Test => {
    const path = `${where}.${key}`;
    if (key === '$or') {
      if (!Array.isArray(inner) || !inner.every(isObject)) {
        throw new InvalidFilterError(`${path}: expected a list of patterns`);
      }
      const alternatives = inner.map((one, index) => compileFields(one, `${path}[${index}]`));
      return (value) => alternatives.some((alternative) => alternative(value));
    }
    const field = (value: unknown): unknown => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
    if (Array.isArray(inner)) {
      const rule = compileList(inner, path);
      return (value) => rule(field(value));
    }
    if (!isObject(inner)) throw new InvalidFilterError(`${path}: expected a list or an object, not a bare value`);
    const test = compileFields(inner, path);
    return (value) => test(field(value));
  });
  return (value) => tests.every((test) => test(value));
}

function parseObject(body: string): Record<string, unknown> | undefined {
  if (!body.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * A body pattern that is a list is for plain text, an object is for JSON. A message of the other kind does not match.
 */
function compilePattern(pattern: unknown, where: string): (body: string) => boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(String(pattern));
  } catch {
    throw new InvalidFilterError(`${where}: Pattern is not valid JSON: ${String(pattern)}`);
  }
  const others = isObject(parsed) ? Object.keys(parsed).filter((key) => key !== 'body') : [];
  if (!isObject(parsed) || others.length > 0 || !('body' in parsed)) {
    const found = others.length > 0 ? `, not on ${others.join(', ')}` : '';
    throw new InvalidFilterError(`${where}: SQS event source mappings filter on the key "body" only${found}`);
  }
  const inner = parsed.body;
  if (Array.isArray(inner)) {
    const rule = compileList(inner, `${where}.body`);
    return (body) => parseObject(body) === undefined && rule(body);
  }
  if (!isObject(inner)) throw new InvalidFilterError(`${where}.body: expected a list or an object`);
  const test = compileFields(inner, `${where}.body`);
  return (body) => {
    const value = parseObject(body);
    return value !== undefined && test(value);
  };
}

/**
 * Compiles `FilterCriteria` into a test of a message body. A body passes when one of the filters matches, or when there
 * are none. Throws InvalidFilterError for criteria that Lambda refuses, and for operators that are not emulated.
 */
export function compileFilter(criteria: unknown): (body: string) => boolean {
  if (criteria === undefined || criteria === null) return () => true;
  const filters = isObject(criteria) ? (criteria.Filters ?? []) : undefined;
  if (!Array.isArray(filters) || filters.length > mostFilters) {
    throw new InvalidFilterError(`FilterCriteria: expected { Filters: [...] } with at most ${mostFilters} filters`);
  }
  const tests = filters.map((filter, index) => compilePattern(filter?.Pattern, `FilterCriteria.Filters[${index}]`));
  return (body) => tests.length === 0 || tests.some((test) => test(body));
}

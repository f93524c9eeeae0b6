/** A condition on one field. `value` is undefined when the field is absent. */
export type Rule = (value: unknown) => boolean;

/** The filter criteria contain something that is not understood here. The message says what and where. */
export class InvalidFilterError extends Error {
  override readonly name = 'InvalidFilterError';
}

const comparisons: Record<string, (value: number, limit: number) => boolean> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

const isText = (value: unknown): value is string => typeof value === 'string';
const isPlain = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value);

/** EventBridge's equality: an absent field equals nothing; for a list, one equal element is enough. */
function any(test: Rule): Rule {
  return (value) => (Array.isArray(value) ? value.some(test) : value !== undefined && test(value));
}

function text(operand: unknown, where: string, test: (value: string, operand: string) => boolean): Rule {
  if (!isText(operand)) throw new InvalidFilterError(`${where}: expected a string, got ${JSON.stringify(operand)}`);
  return any((value) => isText(value) && test(value, operand));
}

function numeric(operand: unknown, where: string): Rule {
  const parts = Array.isArray(operand) ? operand : [];
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const compare = comparisons[String(parts[index])];
    const limit: unknown = parts[index + 1];
    if (!compare || typeof limit !== 'number') tests.length = 0;
    else tests.push((value) => compare(value, limit));
    if (tests.length === 0) break;
  }
  if (tests.length === 0) {
    throw new InvalidFilterError(`${where}: expected pairs such as [">", 0, "<=", 5], got ${JSON.stringify(operand)}`);
  }
  return any((value) => typeof value === 'number' && tests.every((test) => test(value)));
}

function anythingBut(operand: unknown, where: string): Rule {
  if (operand !== null && typeof operand === 'object' && !Array.isArray(operand)) {
    const excluded = compileRule(operand, `${where}.anything-but`);
    return (value) => value !== undefined && !excluded(value);
  }
  const excluded = Array.isArray(operand) ? operand : [operand];
  if (excluded.length === 0 || !excluded.every(isPlain)) {
    throw new InvalidFilterError(`${where}: anything-but expects a value or a list, got ${JSON.stringify(operand)}`);
  }
  return (value) =>
    value !== undefined &&
    !(Array.isArray(value) ? value.some((one) => excluded.includes(one)) : excluded.includes(value));
}

function exists(operand: unknown, where: string): Rule {
  if (typeof operand !== 'boolean') throw new InvalidFilterError(`${where}: exists expects true or false`);
  // Lambda compares single values only. An object is not a value.
  return (value) =>
    (value !== undefined && (value === null || typeof value !== 'object' || Array.isArray(value))) === operand;
}

/** Compiles one element of a pattern's list: a plain value, or an object with one operator. */
export function compileRule(rule: unknown, where: string): Rule {
  if (isPlain(rule)) return any((value) => value === rule);
  const entries = Object.entries(rule as object);
  const [operator, operand] = entries[0] ?? [];
  if (entries.length !== 1 || Array.isArray(rule)) {
    throw new InvalidFilterError(`${where}: expected a value or one operator, got ${JSON.stringify(rule)}`);
  }
  switch (operator) {
    case 'prefix':
      return text(operand, where, (value, prefix) => value.startsWith(prefix));
    case 'suffix':
      return text(operand, where, (value, suffix) => value.endsWith(suffix));
    case 'equals-ignore-case':
      return text(operand, where, (value, other) => value.toLowerCase() === other.toLowerCase());
    case 'numeric':
      return numeric(operand, where);
    case 'anything-but':
      return anythingBut(operand, where);
    case 'exists':
      return exists(operand, where);
    default:
      throw new InvalidFilterError(
        `${where}: operator "${operator}" is not supported here; use a value, prefix, suffix, equals-ignore-case, ` +
          'numeric, anything-but or exists',
      );
  }
}

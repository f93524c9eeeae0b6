import { validationError } from './errors.ts';
import type { AttributeValue, Item } from './item.ts';
import type { Condition, Expression, Path, Statement } from './partiql.ts';

/** A request of DynamoDB's classic API that does what a PartiQL statement says. */
export interface Request {
  operation: 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'GetItem' | 'Scan';
  input: Record<string, unknown>;
}

/**
 * Turns a parsed statement into one classic request.
 * @param keyNames the table's key attributes: a write must name each with `=`
 * @throws {DynamoError} ValidationException where DynamoDB would refuse the statement
 */
export function translate(statement: Statement, parameters: AttributeValue[], keyNames: string[]): Request {
  const context = new Context(parameters);
  switch (statement.kind) {
    case 'insert':
      return insert(statement, context, keyNames);
    case 'update':
      return update(statement, context, keyNames);
    case 'delete':
      return remove(statement, context, keyNames);
    case 'select':
      return select(statement, context, keyNames);
  }
}

function insert(statement: Extract<Statement, { kind: 'insert' }>, context: Context, keyNames: string[]): Request {
  const item: Item = {};
  for (const [name, expression] of statement.item) {
    if (Object.hasOwn(item, name)) throw validationError(`The attribute ${name} is given twice.`);
    Object.defineProperty(item, name, { value: context.value(expression), enumerable: true });
  }
  // The old form of a condition: dynalite evaluates it without parsing an expression, and INSERT is the hot path.
  const Expected = Object.fromEntries(keyNames.map((name) => [name, { Exists: false }]));
  return { operation: 'PutItem', input: { TableName: statement.table, Item: item, Expected } };
}

function update(statement: Extract<Statement, { kind: 'update' }>, context: Context, keyNames: string[]): Request {
  const { key, rest } = splitKey(statement.where, context, keyNames);
  const set: string[] = [];
  const add: string[] = [];
  const drop: string[] = [];
  for (const { path, value } of statement.set) {
    const setChange = value.kind === 'call' && (value.name === 'set_add' || value.name === 'set_delete');
    if (!setChange) set.push(`${context.path(path)} = ${context.operand(value)}`);
    else (value.name === 'set_add' ? add : drop).push(`${context.path(path)} ${context.operand(part(value, 1))}`);
  }
  const sections = [
    ['SET', set],
    ['ADD', add],
    ['DELETE', drop],
    ['REMOVE', statement.remove.map((path) => context.path(path))],
  ] as const;
  const UpdateExpression = sections
    .flatMap(([word, parts]) => (parts.length ? `${word} ${parts.join(', ')}` : []))
    .join(' ');
  // UPDATE never creates: an item that does not exist fails the statement's condition.
  const ConditionExpression = [`attribute_exists(${context.path([keyNames[0] ?? ''])})`, ...rest].join(' AND ');
  const input = { TableName: statement.table, Key: key, UpdateExpression, ConditionExpression };
  return { operation: 'UpdateItem', input: { ...input, ...returning(statement), ...context.bindings() } };
}

function remove(statement: Extract<Statement, { kind: 'delete' }>, context: Context, keyNames: string[]): Request {
  const { key, rest } = splitKey(statement.where, context, keyNames);
  // DELETE of an item that does not exist succeeds with nothing deleted, whatever else the WHERE says.
  const absent = rest.length ? `attribute_not_exists(${context.path([keyNames[0] ?? ''])})` : '';
  const condition = rest.length ? { ConditionExpression: `${absent} OR (${rest.join(' AND ')})` } : {};
  const input = { TableName: statement.table, Key: key, ...condition, ...returning(statement), ...context.bindings() };
  return { operation: 'DeleteItem', input };
}

function select(statement: Extract<Statement, { kind: 'select' }>, context: Context, keyNames: string[]): Request {
  const columns = statement.columns?.map((path) => context.path(path)).join(', ');
  const projection = columns ? { ProjectionExpression: columns } : {};
  if (statement.where && !statement.index && hasKey(statement.where, keyNames)) {
    const { key, rest } = splitKey(statement.where, context, keyNames);
    if (rest.length)
      throw validationError('SELECT by key with further conditions is not emulated here; read the item.');
    return {
      operation: 'GetItem',
      input: { TableName: statement.table, Key: key, ...projection, ...context.bindings() },
    };
  }
  const filter = statement.where ? { FilterExpression: context.condition(statement.where) } : {};
  const index = statement.index ? { IndexName: statement.index } : {};
  const input = { TableName: statement.table, ...index, ...filter, ...projection, ...context.bindings() };
  return { operation: 'Scan', input };
}

const returning = (statement: { returning?: string }) =>
  statement.returning ? { ReturnValues: statement.returning } : {};

const conjuncts = (where: Condition): Condition[] => (where.kind === 'and' ? where.terms.flatMap(conjuncts) : [where]);

function keyEquality(term: Condition): { name: string; value: Expression } | undefined {
  if (term.kind !== 'compare' || term.operator !== '=' || term.left.kind !== 'path') return undefined;
  const [name] = term.left.path;
  return term.left.path.length === 1 && typeof name === 'string' ? { name, value: term.right } : undefined;
}

function hasKey(where: Condition, keyNames: string[]): boolean {
  const named = new Set(conjuncts(where).map((term) => keyEquality(term)?.name));
  return keyNames.every((name) => named.has(name));
}

function splitKey(where: Condition, context: Context, keyNames: string[]): { key: Item; rest: string[] } {
  const key: Item = {};
  const rest: string[] = [];
  for (const term of conjuncts(where)) {
    const equality = keyEquality(term);
    if (equality && keyNames.includes(equality.name) && !Object.hasOwn(key, equality.name)) {
      key[equality.name] = context.value(equality.value);
    } else rest.push(context.part(term, 'and'));
  }
  if (!keyNames.every((name) => Object.hasOwn(key, name))) {
    throw validationError('Where clause does not contain a mandatory equality on all key attributes');
  }
  return { key, rest };
}

function part(call: { name: string; parts: Expression[] }, index: number): Expression {
  const found = call.parts[index];
  if (!found) throw validationError(`${call.name} needs ${index + 1} arguments.`);
  return found;
}

/** Collects the names and values that an expression refers to, as DynamoDB's expressions want them. */
class Context {
  readonly #parameters: AttributeValue[];
  readonly #names = new Map<string, string>();
  readonly #values: AttributeValue[] = [];

  constructor(parameters: AttributeValue[]) {
    this.#parameters = parameters;
  }

  bindings() {
    return {
      ...(this.#names.size && {
        ExpressionAttributeNames: Object.fromEntries([...this.#names].map(([name, alias]) => [alias, name])),
      }),
      ...(this.#values.length && {
        ExpressionAttributeValues: Object.fromEntries(this.#values.map((value, index) => [`:v${index}`, value])),
      }),
    };
  }

  /** A value that is known without the item: a literal, a parameter, or a document of these. */
  value(expression: Expression): AttributeValue {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'parameter':
        return this.#parameters[expression.index] as AttributeValue;
      case 'list':
        return { L: expression.items.map((item) => this.value(item)) };
      case 'set':
        return setOf(expression.items.map((item) => this.value(item)));
      case 'tuple':
        return { M: Object.fromEntries(expression.fields.map(([name, field]) => [name, this.value(field)])) };
      default:
        throw validationError('A literal or a parameter is needed here, not an attribute or an operation.');
    }
  }

  path(path: Path): string {
    const parts = path.map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      const alias = this.#names.get(step) ?? `#n${this.#names.size}`;
      this.#names.set(step, alias);
      return `.${alias}`;
    });
    return parts.join('').slice(1);
  }

  operand(expression: Expression): string {
    if (expression.kind === 'path') return this.path(expression.path);
    if (expression.kind === 'sum') {
      return `${this.operand(expression.left)} ${expression.operator} ${this.operand(expression.right)}`;
    }
    if (expression.kind === 'call') return this.#call(expression);
    this.#values.push(this.value(expression));
    return `:v${this.#values.length - 1}`;
  }

  /** One term of a chain. Brackets only where they are needed: each pair costs dynalite's parser dearly. */
  part(term: Condition, chain: 'and' | 'or'): string {
    const needsBrackets = (term.kind === 'and' || term.kind === 'or') && term.kind !== chain;
    return needsBrackets ? `(${this.condition(term)})` : this.condition(term);
  }

  condition(condition: Condition): string {
    switch (condition.kind) {
      case 'compare':
        return `${this.operand(condition.left)} ${condition.operator} ${this.operand(condition.right)}`;
      case 'and':
      case 'or': {
        const { kind } = condition;
        return condition.terms.map((term) => this.part(term, kind)).join(kind === 'and' ? ' AND ' : ' OR ');
      }
      case 'not':
        return `NOT (${this.condition(condition.term)})`;
      case 'between': {
        const [value, low, high] = [condition.value, condition.low, condition.high].map((each) => this.operand(each));
        return `${value} BETWEEN ${low} AND ${high}`;
      }
      case 'in':
        return `${this.operand(condition.value)} IN (${condition.items.map((item) => this.operand(item)).join(', ')})`;
      case 'is':
        return this.#is(condition);
      case 'call':
        return this.#call(condition);
    }
  }

  #is({ path, what, negated }: Extract<Condition, { kind: 'is' }>): string {
    if (what === 'MISSING') return `${negated ? 'attribute_exists' : 'attribute_not_exists'}(${this.path(path)})`;
    this.#values.push({ S: 'NULL' });
    return `${negated ? 'NOT ' : ''}attribute_type(${this.path(path)}, :v${this.#values.length - 1})`;
  }

  #call(call: { name: string; parts: Expression[] }): string {
    return `${call.name}(${call.parts.map((each) => this.operand(each)).join(', ')})`;
  }
}

function setOf(values: AttributeValue[]): AttributeValue {
  const types = new Set(values.map((value) => Object.keys(value)[0]));
  const [type] = types;
  if (types.size !== 1 || (type !== 'S' && type !== 'N' && type !== 'B')) {
    throw validationError('A set holds one or more strings, numbers or binaries, all of one type.');
  }
  return { [`${type}S`]: values.map((value) => value[type]) };
}

import { validationError } from './errors.ts';
import type { AttributeValue, Item } from './item.ts';
import type { Statement, Value } from './partiql.ts';

/** A request of DynamoDB's classic API that does the same as a PartiQL statement. */
export interface Request {
  operation: 'PutItem' | 'UpdateItem';
  input: Record<string, unknown>;
  /** The primary key of its item, in the order of `keyNames`. */
  key: unknown[];
}

/**
 * Turns a parsed statement into one classic request.
 * @param keyNames the table's key attributes; an UPDATE must name each with `=`
 * @throws {DynamoError} ValidationException where DynamoDB would refuse the statement
 */
export function translate(statement: Statement, parameters: AttributeValue[], keyNames: string[]): Request {
  const of = (value: Value): AttributeValue =>
    'text' in value ? { S: value.text } : (parameters[value.parameter] as AttributeValue);
  return statement.kind === 'insert' ? insert(statement, of, keyNames) : update(statement, of, keyNames);
}

type ValueOf = (value: Value) => AttributeValue;

function insert(statement: Extract<Statement, { kind: 'insert' }>, of: ValueOf, keyNames: string[]): Request {
  const Item: Item = {};
  for (const [name, value] of statement.item) {
    if (Object.hasOwn(Item, name)) throw validationError(`The attribute ${name} is given twice.`);
    Object.defineProperty(Item, name, { value: of(value), enumerable: true });
  }
  // The old form of a condition. dynalite evaluates it without parsing an expression, and most statements are INSERTs.
  const Expected = Object.fromEntries(keyNames.map((name) => [name, { Exists: false }]));
  const key = keyNames.map((name) => Item[name]);
  return { operation: 'PutItem', input: { TableName: statement.table, Item, Expected }, key };
}

function update(statement: Extract<Statement, { kind: 'update' }>, of: ValueOf, keyNames: string[]): Request {
  const { table, set, remove, equal, missing } = statement;
  const keys = new Map(equal.filter(([name]) => keyNames.includes(name)).reverse());
  if (keys.size < keyNames.length) {
    throw validationError('Where clause does not contain a mandatory equality on all key attributes');
  }
  const Key = Object.fromEntries([...keys].map(([name, value]) => [name, of(value)]));
  const names = new Map<string, string>();
  const values: AttributeValue[] = [];
  const alias = (name: string) => {
    names.set(name, names.get(name) ?? `#n${names.size}`);
    return names.get(name);
  };
  const equals = ([name, value]: [string, Value]) => `${alias(name)} = :v${values.push(of(value)) - 1}`;
  const sections = [...(set.length ? [`SET ${set.map(equals).join(', ')}`] : [])];
  if (remove.length) sections.push(`REMOVE ${remove.map(alias).join(', ')}`);
  const conditions = [
    // UPDATE never creates an item. An item that does not exist fails the statement's condition.
    `attribute_exists(${alias(keyNames[0] ?? '')})`,
    ...equal.filter(([name, value]) => keys.get(name) !== value).map(equals),
    ...missing.map((name) => `attribute_not_exists(${alias(name)})`),
  ];
  const input = {
    TableName: table,
    Key,
    UpdateExpression: sections.join(' '),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: Object.fromEntries([...names].map(([name, short]) => [short, name])),
    ...(values.length && {
      ExpressionAttributeValues: Object.fromEntries(values.map((value, i) => [`:v${i}`, value])),
    }),
  };
  return { operation: 'UpdateItem', input, key: keyNames.map((name) => Key[name]) };
}

import { InvalidFilterError, type Rule } from '../mapping/filter-rule.ts';
import type { Attribute } from '../sqs/message-attributes.ts';
import { invalidParameter } from './errors.ts';
import { compile } from './filter-rule.ts';
import type { Published } from './message.ts';

type Test = (value: unknown) => boolean;
export type Scope = 'MessageAttributes' | 'MessageBody';

/** [SNS: filter policy constraints] */
const MOST = { keys: 5, combinations: 150, bytes: 262_144 };

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * Compiles a subscription's filter policy.
 *
 * @throws {SnsError} for a policy that SNS refuses, and for an operator that is not emulated
 */
export function compilePolicy(policy: string, scope: Scope): (message: Published) => boolean {
  const parsed = parse(policy);
  if (!isObject(parsed)) throw refusal('Filter policy must be a JSON object');
  if (Buffer.byteLength(policy) > MOST.bytes) throw refusal('Filter policy is too long');
  const keys = Object.keys(parsed).filter((key) => key !== '$or').length;
  if (keys > MOST.keys) throw refusal('Filter policy can not have more than 5 keys');
  const leaves: Leaf[] = [];
  const test = compileFields(parsed, { where: 'FilterPolicy', level: 1, leaves });
  if (scope === 'MessageAttributes' && leaves.some(({ level }) => level > 1)) {
    throw refusal('Filter policy scope MessageAttributes does not support nested filter policy');
  }
  const combinations = leaves.reduce((product, { conditions, level }) => product * conditions * level, 1);
  if (combinations > MOST.combinations) throw refusal('Filter policy is too complex');
  // A message without attributes, or whose body is no object, matches no policy, not even one of absent keys.
  const valuesOf = scope === 'MessageBody' ? valuesOfBody : valuesOfAttributes;
  return (message) => {
    const values = valuesOf(message);
    return values !== undefined && Object.keys(values).length > 0 && test(values);
  };
}

const refusal = (reason: string) => invalidParameter(`FilterPolicy: ${reason}`);

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal('failed to parse JSON.');
  }
}

interface Leaf {
  readonly conditions: number;
  readonly level: number;
}

interface Place {
  readonly where: string;
  readonly level: number;
  readonly leaves: Leaf[];
}

/** All keys must hold. */
function compileFields(policy: Record<string, unknown>, place: Place): Test {
  const tests = Object.entries(policy).map(([key, inner]) => compileKey(key, inner, place));
  return (value) => tests.every((test) => test(value));
}

function compileKey(key: string, inner: unknown, { where, level, leaves }: Place): Test {
  const path = `${where}.${key}`;
  if (key === '$or') {
    const groups = Array.isArray(inner) ? inner.filter(isObject) : [];
    if (groups.length < 2) throw refusal(`${path}: expected a list of two or more objects`);
    const alternatives = groups.map((group) => compileFields(group, { where: path, level, leaves }));
    return (value) => alternatives.some((alternative) => alternative(value));
  }
  const field = (value: unknown): unknown => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
  if (Array.isArray(inner)) {
    if (inner.length === 0) throw refusal(`${path}: Empty arrays are not allowed`);
    leaves.push({ conditions: inner.length, level });
    const rules = inner.map((condition) => ruleOf(condition, path));
    return (value) => rules.some((rule) => rule(field(value)));
  }
  if (!isObject(inner)) throw refusal(`${path}: expected a list of conditions, or an object`);
  const test = compileFields(inner, { where: path, level: level + 1, leaves });
  return (value) => {
    const found = field(value);
    // Of a list of objects, one that matches as a whole is enough.
    return Array.isArray(found) ? found.some(test) : test(found);
  };
}

function ruleOf(condition: unknown, where: string): Rule {
  try {
    return compile(condition, where);
  } catch (error) {
    if (error instanceof InvalidFilterError) throw refusal(error.message);
    throw error;
  }
}

function valuesOfBody({ body }: Published): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function valuesOfAttributes({ attributes }: Published): Record<string, unknown> {
  const entries = Object.entries(attributes).flatMap(([name, attribute]) => attributeValue(name, attribute));
  return Object.fromEntries(entries);
}

/** By its type. A binary attribute is not looked at. */
function attributeValue(name: string, { DataType = '', StringValue = '' }: Attribute): [string, unknown][] {
  if (DataType === 'Binary' || DataType.startsWith('Binary.')) return [];
  if (DataType === 'Number' || DataType.startsWith('Number.')) return [[name, Number(StringValue)]];
  if (DataType !== 'String.Array') return [[name, StringValue]];
  try {
    return [[name, JSON.parse(StringValue)]];
  } catch {
    return [];
  }
}

import { BlockList, isIP } from 'node:net';
import { compileRule, InvalidFilterError, type Rule } from '../mapping/filter-rule.ts';

/** SNS compares numbers in this range, with five decimals [SNS: filter policy constraints]. */
const LARGEST = 1e9;

/** SNS's operators beyond those of event source mappings, and where the same operator means something else. */
const OPERATORS: Record<string, (operand: unknown, where: string) => Rule> = {
  wildcard: (operand, where) => {
    const pattern = text(operand, where);
    if (/\*\*/.test(pattern) || pattern.split('*').length > 4) {
      throw new InvalidFilterError(`${where}: a wildcard pattern has at most three asterisks, none beside another`);
    }
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    const regex = new RegExp(`^${parts.join('.*')}$`, 's');
    return any((value) => typeof value === 'string' && regex.test(value));
  },
  cidr: (operand, where) => {
    const [address = '', bits = ''] = text(operand, where).split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const block = new BlockList();
    try {
      block.addSubnet(address, Number(bits || Number.NaN), family);
    } catch {
      throw new InvalidFilterError(`${where}: cidr expects an address and its bits, such as 10.0.0.0/24`);
    }
    return any(
      (value) => typeof value === 'string' && isIP(value) > 0 && block.check(value, `ipv${isIP(value)}` as 'ipv4'),
    );
  },
  // A key counts as present where its value is neither null nor empty [SNS: key matching].
  exists: (operand, where) => {
    if (typeof operand !== 'boolean') throw new InvalidFilterError(`${where}: exists expects true or false`);
    return (value) => (value !== undefined && value !== null && value !== '') === operand;
  },
  numeric: (operand, where) => {
    const numbers = Array.isArray(operand) ? operand.filter((part) => typeof part === 'number') : [];
    if (numbers.some((number) => Math.abs(number) > LARGEST)) {
      throw new InvalidFilterError(`${where}: Value must be between -1.0E9 and 1.0E9, inclusive`);
    }
    const rule = compileRule({ numeric: operand }, where);
    return any((value) => typeof value === 'number' && Math.abs(value) <= LARGEST && rule(value));
  },
  'anything-but': (operand, where) => {
    const isPattern = typeof operand === 'object' && operand !== null && !Array.isArray(operand);
    if (!isPattern) return compileRule({ 'anything-but': operand }, where);
    const excluded = compile(operand, `${where}.anything-but`);
    return (value) => value !== undefined && !excluded(value);
  },
};

/** One condition of a filter policy's list. @throws {InvalidFilterError} */
export function compile(condition: unknown, where: string): Rule {
  const entries = typeof condition === 'object' && condition !== null ? Object.entries(condition) : [];
  const [operator = '', operand] = entries[0] ?? [];
  const own = entries.length === 1 && Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  return own ? own(operand, where) : compileRule(condition, where);
}

function text(operand: unknown, where: string): string {
  if (typeof operand !== 'string') throw new InvalidFilterError(`${where}: expected a string`);
  return operand;
}

/** Of a list one element is enough. */
function any(test: Rule): Rule {
  return (value) => (Array.isArray(value) ? value.some(test) : value !== undefined && test(value));
}

/**
 * SNS's limits of a filter policy [SNS: filter policy constraints]. Numbers are compared up to 10^9, with five decimals.
 */
const MOST = { keys: 5, combinations: 150, bytes: 262_144, number: 1e9 };
const SCOPES = ['MessageBody', 'MessageAttributes'];
/** Operators and what they take, as far as that can be wrong without SNS noticing before the deployment. */
const OPERATORS = ['prefix', 'suffix', 'equals-ignore-case', 'anything-but', 'numeric', 'exists', 'wildcard', 'cidr'];

/**
 * What SNS would refuse about a queue's `filter` and `filterScope` in the middle of a deployment.
 *
 * @param {string} place such as `custom.queues.order-notify`
 * @param {Record<string, unknown>} entry
 * @returns {Generator<string>}
 */
export function* filterProblems(place, { filter, filterScope }) {
  const scope = filterScope ?? 'MessageBody';
  if (!SCOPES.includes(String(scope))) {
    yield `${place}.filterScope must be ${SCOPES.join(' or ')}, not ${JSON.stringify(scope)}`;
  }
  if (filterScope !== undefined && filter == null)
    yield `${place}.filterScope: there is no filter. Add one, or remove it`;
  if (filter == null) return;
  const policy = /** @type {Record<string, unknown>} */ (filter);
  if (!isMapping(policy) || Object.keys(policy).length === 0) {
    yield `${place}.filter must be a filter policy of SNS, such as { amount: [{ numeric: ['>=', 100] }] }`;
    return;
  }
  /** @type {Leaf[]} */
  const leaves = [];
  yield* keysOf(`${place}.filter`, policy, 1, leaves);
  yield* sizeProblems(`${place}.filter`, policy, String(scope), leaves);
}

/**
 * A key with its list of conditions, and on which level it is.
 *
 * @typedef {object} Leaf
 * @property {number} conditions
 * @property {number} level 1 at the top
 */

/** @param {string} place @param {Record<string, unknown>} policy @param {number} level @param {Leaf[]} leaves @returns {Generator<string>} */
function* keysOf(place, policy, level, leaves) {
  for (const [key, value] of Object.entries(policy)) {
    const where = `${place}.${key}`;
    if (key === '$or') {
      const groups = Array.isArray(value) ? value : [];
      if (groups.length < 2 || !groups.every(isMapping)) yield `${where} must be a list of two or more mappings`;
      else for (const group of groups) yield* keysOf(where, group, level, leaves);
    } else if (Array.isArray(value) && value.length > 0) {
      leaves.push({ conditions: value.length, level });
      for (const condition of value) yield* conditionProblems(where, condition);
    } else if (isMapping(value) && Object.keys(/** @type {object} */ (value)).length > 0) {
      yield* keysOf(where, /** @type {Record<string, unknown>} */ (value), level + 1, leaves);
    } else {
      yield `${where} must be a list of values and operators, such as ["eur"] or [{ numeric: ['>=', 100] }]`;
    }
  }
}

/** @param {string} where @param {unknown} condition @returns {Generator<string>} */
function* conditionProblems(where, condition) {
  if (!isMapping(condition)) return;
  const [[operator = '', operand] = [], ...others] = Object.entries(/** @type {object} */ (condition));
  if (others.length || !OPERATORS.includes(operator)) {
    yield `${where}: a condition is a value or one operator of ${OPERATORS.join(', ')}, not ${JSON.stringify(condition)}`;
  } else if (operator === 'numeric' && !isComparison(operand)) {
    yield `${where}: numeric takes pairs such as ['>=', 0, '<', 100], with numbers from -10^9 to 10^9, not ${JSON.stringify(operand)}`;
  }
}

/** @param {unknown} operand */
function isComparison(operand) {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2) return false;
  return operand.every((part, i) =>
    i % 2 ? typeof part === 'number' && Math.abs(part) <= MOST.number : ['=', '<', '<=', '>', '>='].includes(part),
  );
}

/** @param {string} place @param {Record<string, unknown>} policy @param {string} scope @param {Leaf[]} leaves */
function* sizeProblems(place, policy, scope, leaves) {
  const keys = Object.keys(policy).filter((key) => key !== '$or').length;
  if (keys > MOST.keys) yield `${place} has ${keys} keys, and SNS takes ${MOST.keys}`;
  // For the message's body each key counts as often as it is deep.
  const combinations = leaves.reduce((product, { conditions, level }) => product * conditions * level, 1);
  if (combinations > MOST.combinations) {
    yield `${place} has ${combinations} combinations (the product of its lists' lengths, times their levels), and SNS takes ${MOST.combinations}`;
  }
  if (scope === 'MessageAttributes' && leaves.some(({ level }) => level > 1)) {
    yield `${place} is nested, and attributes are not. Use filterScope: MessageBody, or name attributes`;
  }
  if (Buffer.byteLength(JSON.stringify(policy)) > MOST.bytes)
    yield `${place} is longer than the ${MOST.bytes} bytes that SNS takes`;
}

/** @param {unknown} value */
const isMapping = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

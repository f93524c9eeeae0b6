import { filterProblems } from './filter-policy.js';

/** Numbers that an entry of `custom.queues` may leave out. The stage's parameter of the same name is then used. */
export const STAGE_KEYS = /** @type {const} */ ([
  'timeout',
  'memory',
  'batchSize',
  'batchWindow',
  'maximumConcurrency',
  'workerConcurrency',
  'maxReceiveCount',
  'resultTtlDays',
  'jobSeconds',
  'messageBytes',
  'maxPayloadBytes',
]);
/** All keys that an entry may have. */
export const KEYS = /** @type {const} */ ([
  'defaultType',
  'fifo',
  'table',
  ...STAGE_KEYS,
  'retryQueue',
  'next',
  'reservedConcurrency',
  'largePayloads',
  'environment',
  'permissions',
  'topic',
  'filter',
  'filterScope',
]);

/** The keys of `retryQueue`, with their limits. */
const RETRY_KEYS = /** @type {const} */ ({ after: [1, 100], delay: [0, 900], attempts: [1, 100] });

/** Lower case and no underscores, so that no two names give the same logical id. */
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The end of a dead-letter queue's name: `<queue>-dlq`. */
const DEAD_LETTERS = /-dlq$/;
/** The end of a retry queue's name: `<queue>-retry`. */
const RETRIES = /-retry$/;
/** The most characters of a function's name [Lambda]. SQS takes 80 for a queue's name, so `-dlq` fits, too. */
const MAX_FUNCTION_NAME = 64;
/** The most records of a batch from a FIFO queue [Lambda, SQS event source mappings]. */
export const MAX_FIFO_BATCH = 10;

/**
 * The facts about the project that declarations are checked against.
 *
 * @typedef {object} Project
 * @property {string} prefix      start of physical names
 * @property {string[]} functions names of the files in src/functions, without `.ts`
 * @property {string[]} jobTypes  the same for src/jobs
 * @property {string[]} named     job types that a message must name, because their schema requires "type"
 * @property {string[]} [topics]  the declared topics
 * @property {string[]} [tables]  short names of the declared tables
 */

/**
 * The problems of one entry of `custom.queues`: where, what, and what to do. Ranges are checked by the framework and
 * the doctor.
 *
 * @param {string} name
 * @param {unknown} entry null where the name has no keys
 * @param {Record<string, unknown>} defaults the stage's parameters, by key
 * @param {Project} project
 * @returns {string[]}
 */
export function problemsOf(name, entry, defaults, project) {
  const place = `custom.queues.${name}`;
  if (!isMapping(entry ?? {})) return [`${place} must be a mapping of keys, such as timeout: 60`];
  const keys = /** @type {Record<string, unknown>} */ (entry ?? {});
  return [
    ...ofName(place, name, project),
    ...ofKeys(place, keys),
    ...ofNumbers(place, keys, defaults),
    ...ofRetryQueue(place, keys),
    ...ofTypes(place, keys, project),
    ...ofLargePayloads(place, keys),
    ...ofFifo(place, keys),
    ...ofTable(place, keys, project),
    ...ofEnvironment(place, keys),
    ...ofPermissions(place, keys),
    ...ofTopic(place, keys, project),
  ];
}

/** @param {string} place @param {string} name @param {Project} project */
function* ofName(place, name, { prefix, functions }) {
  if (!NAME.test(name)) {
    yield `${place}: a queue's name starts with a lower-case letter, and has lower-case letters, digits and single hyphens`;
  }
  if (DEAD_LETTERS.test(name)) yield `${place}: names in -dlq are those of dead-letter queues. Choose another`;
  if (RETRIES.test(name)) yield `${place}: names in -retry are those of retry queues. Choose another`;
  const full = `${prefix}-${name}`;
  if (full.length > MAX_FUNCTION_NAME) {
    yield `${place}: the function's name ${full} has ${full.length} characters, and Lambda takes ${MAX_FUNCTION_NAME}. ` +
      `Shorten the queue's name by ${full.length - MAX_FUNCTION_NAME}, or choose a shorter stage`;
  }
  if (!functions.includes(name)) {
    yield `${place} has no function: add src/functions/${name}.ts, as docs/architecture.md#a-new-queue shows`;
  }
}

/** @param {string} place @param {Record<string, unknown>} entry */
function* ofKeys(place, entry) {
  const known = new Set(/** @type {readonly string[]} */ (KEYS));
  for (const key of Object.keys(entry)) {
    if (!known.has(key)) yield `${place}.${key}: there is no such key. A queue takes ${KEYS.join(', ')}`;
  }
}

/** @param {string} place @param {Record<string, unknown>} entry @param {Record<string, unknown>} defaults */
function* ofNumbers(place, entry, defaults) {
  for (const key of STAGE_KEYS) {
    const value = entry[key] ?? defaults[key];
    if (isNumber(value)) continue;
    const where = entry[key] === undefined ? `the parameter ${key}` : `${place}.${key}`;
    yield `${where} must be a number, not ${JSON.stringify(value)}`;
  }
  const { reservedConcurrency } = entry;
  if (!isNumber(reservedConcurrency ?? 0)) {
    yield `${place}.reservedConcurrency must be a number, not ${JSON.stringify(reservedConcurrency)}`;
  }
}

/** @param {string} place @param {Record<string, unknown>} entry */
function* ofRetryQueue(place, { retryQueue, fifo }) {
  if (retryQueue == null) return;
  if (fifo) {
    yield `${place}.retryQueue: a job of a FIFO queue waits in its place, or its group would lose its order. Take out one of the two`;
  }
  const names = Object.keys(RETRY_KEYS).join(', ');
  if (!isMapping(retryQueue)) {
    yield `${place}.retryQueue must be a mapping of ${names}, not ${JSON.stringify(retryQueue)}`;
    return;
  }
  for (const [key, value] of Object.entries(retryQueue)) {
    const limits = Object.entries(RETRY_KEYS).find(([name]) => name === key)?.[1];
    if (!limits) {
      yield `${place}.retryQueue.${key}: there is no such key. It takes ${names}`;
      continue;
    }
    const [least, most] = limits;
    if (isNumber(value) && Number.isInteger(Number(value)) && Number(value) >= least && Number(value) <= most) continue;
    yield `${place}.retryQueue.${key} must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`;
  }
}

/** @param {string} place @param {Record<string, unknown>} entry @param {Project} project */
function* ofTypes(place, { defaultType }, { jobTypes, named }) {
  if (!defaultType) return;
  const type = String(defaultType);
  if (!jobTypes.includes(type)) {
    yield `${place}.defaultType is "${type}", and there is no src/jobs/${type}.ts. Job types are: ${jobTypes.join(', ')}`;
  }
  if (named.includes(type)) {
    yield `${place}.defaultType is "${type}", and schemas/${type}.json refuses messages that name no type. ` +
      'Take "type" out of its "required"';
  }
}

/** @param {string} place @param {Record<string, unknown>} entry */
function* ofLargePayloads(place, { largePayloads }) {
  if (['true', 'false'].includes(String(largePayloads ?? false))) return;
  yield `${place}.largePayloads must be true or false, not ${JSON.stringify(largePayloads)}`;
}

/** @param {string} place @param {Record<string, unknown>} entry */
function* ofFifo(place, { fifo, batchSize, batchWindow }) {
  if (fifo === undefined || fifo === null || fifo === false) return;
  if (fifo !== true) yield `${place}.fifo must be true or false, not ${JSON.stringify(fifo)}`;
  if (Number(batchSize ?? 0) > MAX_FIFO_BATCH) {
    yield `${place}.batchSize is ${batchSize}, and Lambda takes at most ${MAX_FIFO_BATCH} from a FIFO queue. Lower it, or leave it out`;
  }
  if (Number(batchWindow ?? 0) > 0) {
    yield `${place}.batchWindow is ${batchWindow}, and a FIFO queue has no batching window. Leave it out`;
  }
}

/** @param {string} place @param {Record<string, unknown>} entry @param {Project} project */
function* ofTable(place, { table }, { tables = [] }) {
  if (table === undefined || table === null || tables.includes(String(table))) return;
  yield `${place}.table is "${table}", and no such table is declared. Tables are: ${tables.join(', ')}`;
}

/** @param {string} place @param {Record<string, unknown>} entry */
function* ofEnvironment(place, { environment }) {
  if (!isMapping(environment ?? {})) yield `${place}.environment must be a mapping of variables to values`;
}

/** @param {string} place @param {Record<string, unknown>} entry */
function* ofPermissions(place, { permissions }) {
  const list = Array.isArray(permissions ?? []) ? [permissions ?? []].flat() : [undefined];
  if (list.every(isStatement)) return;
  yield `${place}.permissions must be a list of statements, each with Action and Resource`;
}

/** @param {string} place @param {Record<string, unknown>} entry @param {Project} project */
function* ofTopic(place, entry, { topics = [] }) {
  const { topic, filter, filterScope, fifo } = entry;
  if (topic == null) {
    for (const [key, value] of Object.entries({ filter, filterScope })) {
      if (value != null) yield `${place}.${key}: without a topic there is nothing to filter. Add topic, or remove it`;
    }
    return;
  }
  if (!topics.includes(String(topic))) {
    yield `${place}.topic is "${topic}", and no such topic is declared. Declare it under topics: ${topic}: {}`;
  }
  if (fifo) yield `${place}.topic: SNS subscribes no FIFO queue to a standard topic. Let the queue be a standard one`;
  yield* filterProblems(place, entry);
}

/** @param {unknown} value parameters from the command line are strings */
function isNumber(value) {
  return (
    typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)))
  );
}

/** @param {unknown} value */
const isMapping = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param {any} value */
const isStatement = (value) => isMapping(value) && value.Action !== undefined && value.Resource !== undefined;

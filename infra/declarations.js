import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chainProblems } from './chains.js';
import { DeclarationError } from './declaration-error.js';
import { MAX_FIFO_BATCH, problemsOf, STAGE_KEYS } from './declaration-rules.js';
import { readNames } from './names.js';
import { readPatterns } from './patterns.js';
import { jobFilesIn, namesIn } from './project-files.js';
import { topicNames } from './topic-names.js';

const ROOT = join(import.meta.dirname, '..');

/**
 * One entry of `custom.queues`, or of a pattern's `queues`, with the defaults filled in. docs/configuration.md explains the keys for users.
 *
 * @typedef {object} QueueDeclaration
 * @property {string} [defaultType]     the job type of messages that name none; without it each must name its own
 * @property {boolean} [fifo]           a FIFO queue: messages of a group in order
 * @property {string} [table]           short name of the table that holds its records, if not `results`
 * @property {number} timeout           seconds one invocation may take, 1 to 900
 * @property {number} memory            MB
 * @property {number} batchSize         records, 1 to 10,000
 * @property {number} batchWindow       seconds that Lambda waits for a batch to fill, 0 to 300
 * @property {number} maximumConcurrency invocations at once, 2 to 1,000
 * @property {number} workerConcurrency jobs of one invocation at once
 * @property {number} maxReceiveCount   receives before SQS itself moves a message to the DLQ, 3 to 5; on a FIFO queue, runs
 * @property {number} resultTtlDays     days until a result expires
 * @property {number} jobSeconds        expected seconds of one job, for the doctor's rules on batches
 * @property {number} messageBytes      expected bytes of one message, for the same rules
 * @property {number} [maxPayloadBytes] bytes of the largest payload in S3, and of all that are in memory at once
 * @property {boolean} [largePayloads] whether bodies may be pointers to payloads in S3: docs/large-payloads.md
 * @property {RetryQueue} [retryQueue]
 * @property {string} [next]            the queue that gets what this queue's jobs hand over: the next step of a chain
 * @property {number} [reservedConcurrency] invocations that the account reserves for the function
 * @property {Record<string, unknown>} environment variables of the function's own job types
 * @property {import('./permissions.js').Permission[]} permissions what the function's own job types call
 * @property {string} [topic]           the topic that the queue subscribes to
 * @property {Record<string, unknown>} [filter] the subscription's filter policy, by SNS's rules; without it everything is delivered
 * @property {'MessageBody' | 'MessageAttributes'} [filterScope] what the filter looks at; the body where nothing is said
 */

/**
 * A queue beside the main one, for jobs that keep failing: docs/delayed-retry.md.
 *
 * @typedef {object} RetryQueue
 * @property {number} after    failed runs after which a job goes there, 1 to 100
 * @property {number} delay    seconds it waits before each run there, 0 to 900
 * @property {number} attempts runs that it has there, 1 to 100
 */

/**
 * @param {import('./service.js').Framework} framework
 * @returns {Promise<Record<string, QueueDeclaration>>} by short name
 * @throws {DeclarationError} as `completeQueues`
 */
export async function readQueues(framework) {
  const [{ queues, tables, topics }, { prefix }, ...values] = await Promise.all([
    readPatterns(framework),
    readNames(framework),
    ...STAGE_KEYS.map((key) => framework.resolveVariable(`param:${key}`)),
  ]);
  const defaults = Object.fromEntries(STAGE_KEYS.map((key, index) => [key, values[index]]));
  const jobTypes = jobFilesIn(ROOT, namesIn(join(ROOT, 'schemas'), '.json')).map(({ name }) => name);
  const functions = namesIn(join(ROOT, 'src/functions'), '.ts');
  const named = jobTypes.filter(mustBeNamed);
  const names = { tables: Object.keys(tables), topics: topicNames(topics) };
  const project = { prefix, functions, jobTypes, named, ...names };
  return completeQueues(queues, defaults, project);
}

/**
 * @param {Record<string, unknown>} declared entries as they are in serverless.yml
 * @param {Record<string, unknown>} defaults the stage's parameters, by key
 * @param {import('./declaration-rules.js').Project} project
 * @returns {Record<string, QueueDeclaration>} by short name
 * @throws {DeclarationError} with every problem of the entries, one a line: what, where, and what to do
 */
export function completeQueues(declared, defaults, project) {
  const ofEntries = Object.entries(declared).flatMap(([name, entry]) => problemsOf(name, entry, defaults, project));
  const problems = [...ofEntries, ...chainProblems(declared)];
  // A wrong parameter gives the same problem for every queue; it is reported once.
  if (problems.length) throw new DeclarationError([...new Set(problems)].map((each) => `\n    ${each}`).join(''));
  return Object.fromEntries(Object.entries(declared).map(([name, entry]) => [name, complete(entry ?? {}, defaults)]));
}

/**
 * @param {Record<string, any>} entry
 * @param {Record<string, any>} defaults
 * @returns {QueueDeclaration}
 */
function complete(entry, defaults) {
  // Parameters from the command line are strings.
  /** @type {any} */
  const numbers = Object.fromEntries(STAGE_KEYS.map((key) => [key, Number(entry[key] ?? defaults[key])]));
  const { defaultType, fifo, next, table, retryQueue, reservedConcurrency, largePayloads } = entry;
  const { environment, permissions } = entry;
  const { topic, filter, filterScope } = entry;
  return {
    ...numbers,
    // What the stage sets is for standard queues.
    ...(fifo && { fifo, batchSize: Math.min(MAX_FIFO_BATCH, numbers.batchSize), batchWindow: 0 }),
    ...(defaultType && { defaultType }),
    ...(retryQueue && { retryQueue: completeRetryQueue(retryQueue) }),
    ...(next && { next }),
    ...(table && { table }),
    ...(reservedConcurrency != null && { reservedConcurrency: Number(reservedConcurrency) }),
    ...(String(largePayloads) === 'true' && { largePayloads: true }),
    environment: environment ?? {},
    permissions: permissions ?? [],
    ...(topic != null && { topic: String(topic) }),
    ...(filter != null && { filter, filterScope: filterScope ?? 'MessageBody' }),
  };
}

/** @param {Record<string, unknown>} retryQueue @returns {RetryQueue} */
function completeRetryQueue({ after = 3, delay = 30, attempts = 3 }) {
  return { after: Number(after), delay: Number(delay), attempts: Number(attempts) };
}

/** @param {string} type its schema may be missing; build/generate.ts reports that */
function mustBeNamed(type) {
  const file = join(ROOT, 'schemas', `${type}.json`);
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')).required ?? []).includes('type');
}

import { DeclarationError } from './declaration-error.js';
import { readQueues } from './declarations.js';
import { arnOf, logicalId, readNames, retryNameOf, tableOf } from './names.js';
import { readPatterns } from './patterns.js';
import { payloadVariables, readRetention } from './payloads.js';
import { readStore } from './store.js';
import { visibilityTimeout } from './visibility.js';

/**
 * @typedef {Pick<import('./names.js').Names, 'prefix' | 'stage'> & { logLevel: string, store?: import('./store.js').Store, retentionDays?: number,
 *   tables?: Record<string, import('./tables.js').TableDeclaration> }} ServiceOfConsumer
 */

/**
 * Called by the framework for `${file(infra/functions.js):consumers}`: one function for each entry of `custom.queues`,
 * in the form of the framework's own `functions`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function consumers(framework) {
  const [names, queues, { tables }, store, retentionDays, logLevel] = await Promise.all([
    readNames(framework),
    readQueues(framework),
    readPatterns(framework),
    readStore(framework),
    readRetention(framework),
    framework.resolveVariable('env:LOG_LEVEL, param:logLevel'),
  ]);
  const functions = Object.entries(queues).map(([name, queue]) => [
    name,
    consumer(name, queue, { ...names, tables, store, retentionDays, logLevel }),
  ]);
  return Object.fromEntries(functions);
}

/**
 * The function that consumes a queue, and its retry queue if it has one. Its code is `src/functions/<name>.ts`.
 *
 * @param {string} name short name of the queue
 * @param {import('./declarations.js').QueueDeclaration} queue
 * @param {ServiceOfConsumer} service
 * @throws {DeclarationError} for a variable in `environment` that every consumer already has
 */
export function consumer(name, queue, service) {
  const id = logicalId(name);
  const retryId = queue.retryQueue && logicalId(retryNameOf(name));
  const variables = { ...variablesOf(id, queue, service), ...retryVariables(retryId, queue) };
  const taken = Object.keys(queue.environment).find((each) => each !== 'LOG_LEVEL' && Object.hasOwn(variables, each));
  if (taken !== undefined) {
    throw new DeclarationError(
      `custom.queues.${name}.environment.${taken}: every consumer has this variable, made from its other keys. Remove it`,
    );
  }
  return {
    name: `${service.prefix}-${name}`,
    handler: `src/functions/${name}.handler`,
    role: `${id}Role`,
    timeout: queue.timeout,
    memorySize: queue.memory,
    ...(queue.reservedConcurrency !== undefined && { reservedConcurrency: queue.reservedConcurrency }),
    environment: { ...variables, ...queue.environment },
    events: [id, ...(retryId ? [retryId] : [])].map((each) => ({
      sqs: {
        arn: arnOf(`${each}Queue`),
        batchSize: queue.batchSize,
        // Lambda takes none with a FIFO queue.
        ...(!queue.fifo && { maximumBatchingWindow: queue.batchWindow }),
        maximumConcurrency: queue.maximumConcurrency,
        functionResponseType: 'ReportBatchItemFailures',
      },
    })),
  };
}

/**
 * What src/env.ts reads of a retry queue.
 *
 * @param {string | undefined} id start of its logical ids
 * @param {import('./declarations.js').QueueDeclaration} queue
 */
function retryVariables(id, { retryQueue }) {
  if (!retryQueue) return {};
  return {
    RETRY_QUEUE_URL: { Ref: `${id}Queue` },
    RETRY_QUEUE_AFTER: retryQueue.after,
    RETRY_QUEUE_ATTEMPTS: retryQueue.attempts,
    RETRY_QUEUE_DELAY: retryQueue.delay,
  };
}

/**
 * The variables that src/env.ts reads.
 *
 * @param {string} id start of the logical ids
 * @param {import('./declarations.js').QueueDeclaration} queue
 * @param {ServiceOfConsumer} service
 */
function variablesOf(id, queue, { stage, store, retentionDays = 30, logLevel, tables = {} }) {
  return {
    STAGE: stage,
    LOG_LEVEL: logLevel,
    TABLE_NAME: { Ref: tableOf(queue) },
    ...(queue.table && { TABLE_KEY: tables[queue.table]?.partitionKey }),
    QUEUE_URL: { Ref: `${id}Queue` },
    DLQ_URL: { Ref: `${id}DeadLetterQueue` },
    ...(queue.next !== undefined && { NEXT_QUEUE_URL: { Ref: `${logicalId(queue.next)}Queue` } }),
    ...(queue.defaultType !== undefined && { DEFAULT_TYPE: queue.defaultType }),
    MAX_RECEIVE_COUNT: queue.maxReceiveCount,
    VISIBILITY_TIMEOUT: visibilityTimeout(queue),
    WORKER_CONCURRENCY: queue.workerConcurrency,
    RESULT_TTL_DAYS: queue.resultTtlDays,
    ...payloadVariables(queue, retentionDays),
    ...store?.variables,
  };
}

/**
 * The parts of physical names.
 *
 * @typedef {object} Names
 * @property {string} service `sluice`
 * @property {string} stage
 * @property {string} prefix  start of physical names: `sluice-<stage>`
 */

/**
 * @param {import('./service.js').Framework} framework
 * @returns {Promise<Names>}
 */
export async function readNames({ resolveConfigurationProperty, resolveVariable }) {
  const [service, stage] = await Promise.all([resolveConfigurationProperty(['service']), resolveVariable('sls:stage')]);
  return { service, stage, prefix: `${service}-${stage}` };
}

/**
 * The physical names of a queue and its dead-letter queue. SQS wants the ending `.fifo` on both [SQS: FIFO queues].
 *
 * @param {string} prefix
 * @param {string} name short name
 * @param {{ fifo?: boolean }} declaration
 */
export function queueNames(prefix, name, { fifo = false }) {
  const ending = fifo ? '.fifo' : '';
  return { main: `${prefix}-${name}${ending}`, dead: `${prefix}-${name}-dlq${ending}` };
}

/**
 * A declared name as the start of logical ids. It has the form that the framework uses for its functions:
 * `worker-periodic` becomes `WorkerDashperiodic`, so that the function's log group is `WorkerDashperiodicLogGroup`.
 *
 * @param {string} name
 */
export function logicalId(name) {
  const id = name.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return `${id[0]?.toUpperCase()}${id.slice(1)}`;
}

/** The short name of a queue's retry queue. @param {string} name short name of the queue */
export const retryNameOf = (name) => `${name}-retry`;

/** @param {string} id logical id of a resource */
export const arnOf = (id) => ({ 'Fn::GetAtt': [id, 'Arn'] });

/**
 * The logical id of the table that holds a queue's records.
 *
 * @param {{ table?: string }} queue
 */
export const tableOf = ({ table = 'results' }) => `${logicalId(table)}Table`;

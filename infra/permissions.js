import { DeclarationError } from './declaration-error.js';
import { arnOf, logicalId } from './names.js';

/**
 * A statement that allows an action. It is an entry of `permissions` in a queue's declaration, or, for a function
 * without a queue, of `custom.permissions.<function>`.
 *
 * @typedef {object} Permission
 * @property {string | string[]} Action
 * @property {unknown} Resource
 */

/**
 * The calls that each function may make. roles.js adds what Lambda does in its name: logs, traces, polling its queue.
 *
 * @param {Record<string, { permissions?: Permission[] }>} queues declarations by short name, which is also the
 *   function's
 * @param {Record<string, Permission[]>} others of functions without a queue, by function
 * @returns {Record<string, Permission[]>} by function
 * @throws {DeclarationError} where `others` names a function that has a queue
 */
export function permissionsOf(queues, others) {
  const twice = Object.keys(others).find((name) => Object.hasOwn(queues, name));
  if (twice !== undefined) {
    throw new DeclarationError(
      `custom.permissions.${twice}: this function has a queue. Say what else it calls in custom.queues.${twice}.permissions`,
    );
  }
  const consumers = Object.entries(queues).map(([name, { permissions = [] }]) => [
    name,
    [...ofConsumer(logicalId(name)), ...permissions],
  ]);
  return { ...others, ...Object.fromEntries(consumers) };
}

/**
 * The calls of the batch chain, for all job types. It also deletes messages; roles.js allows that already, for Lambda's
 * polling.
 *
 * @param {string} id start of the logical ids
 * @returns {Permission[]}
 */
function ofConsumer(id) {
  const queue = arnOf(`${id}Queue`);
  return [
    { Action: 'sqs:SendMessage', Resource: [queue, arnOf(`${id}DeadLetterQueue`)] },
    { Action: 'sqs:ChangeMessageVisibility', Resource: queue },
    {
      Action: ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:BatchGetItem'],
      Resource: arnOf('ResultsTable'),
    },
  ];
}

import { DeclarationError } from './declaration-error.js';
import { arnOf, logicalId, retryNameOf, tableOf } from './names.js';
import { payloadPermissions } from './payloads.js';

/**
 * A statement that allows. An entry of `permissions` in a queue's declaration, or of `custom.permissions.<function>` for a
 * function without a queue.
 *
 * @typedef {object} Permission
 * @property {string | string[]} Action
 * @property {unknown} Resource
 */

/**
 * What each function calls. What Lambda does in its name (logs, traces, polling its queue) is added by roles.js.
 *
 * @param {Record<string, { permissions?: Permission[], fifo?: boolean, table?: string, next?: string, retryQueue?: object, largePayloads?: boolean }>} queues declarations by short name, which is the function's, too
 * @param {Record<string, Permission[]>} others of functions without a queue, by function
 * @param {import('./store.js').Store['name']} [store]
 * @returns {Record<string, Permission[]>} by function
 * @throws {DeclarationError} where a function that has a queue is among the others
 */
export function permissionsOf(queues, others, store = 'dynamodb') {
  const twice = Object.keys(others).find((name) => Object.hasOwn(queues, name));
  if (twice !== undefined) {
    throw new DeclarationError(
      `custom.permissions.${twice}: this function has a queue. Say what else it calls in custom.queues.${twice}.permissions`,
    );
  }
  const consumers = Object.entries(queues).map(([name, queue]) => [
    name,
    [
      ...ofConsumer(name, queue, store),
      ...ofStep(queue.next),
      ...payloadPermissions(queue),
      ...(queue.permissions ?? []),
    ],
  ]);
  return { ...others, ...Object.fromEntries(consumers) };
}

/**
 * What a step of a chain calls: it hands over to the next.
 *
 * @param {string} [next] short name of the next queue
 * @returns {Permission[]}
 */
function ofStep(next) {
  return next === undefined ? [] : [{ Action: 'sqs:SendMessage', Resource: arnOf(`${logicalId(next)}Queue`) }];
}

/**
 * What the batch chain calls, whatever the job types.
 *
 * @param {string} name of the queue
 * @param {{ fifo?: boolean, table?: string, retryQueue?: object }} declaration
 * @param {import('./store.js').Store['name']} store one that is a server asks for no permission on AWS
 * @returns {Permission[]}
 */
function ofConsumer(name, declaration, store) {
  const queues = [name, ...(declaration.retryQueue ? [retryNameOf(name)] : [])].map((each) =>
    arnOf(`${logicalId(each)}Queue`),
  );
  return [
    // A copy on a FIFO queue would be behind the messages that it comes before.
    {
      Action: 'sqs:SendMessage',
      Resource: [...(declaration.fifo ? [] : queues), arnOf(`${logicalId(name)}DeadLetterQueue`)],
    },
    { Action: 'sqs:ChangeMessageVisibility', Resource: queues.length === 1 ? queues[0] : queues },
    ...(store === 'dynamodb'
      ? [
          {
            Action: ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:BatchGetItem'],
            Resource: arnOf(tableOf(declaration)),
          },
        ]
      : []),
  ];
}

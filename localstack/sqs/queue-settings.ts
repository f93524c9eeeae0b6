import { createQueue } from '../fauxqs/internals.ts';
import type { Body, Caller } from './call.ts';
import { type QueueAttributes, readAttributes } from './queue-attributes.ts';
import { invalidParameter, missingParameter } from './refusals.ts';
import type { QueueStore } from './store.ts';

const LONGEST_NAME = 80;
const NAME = /^[\w-]+(\.fifo)?$/;

// fauxqs takes a Fastify request where an action needs the host and the region. The region stays unknown to it on
// purpose: it then uses the store's, so a client configured for another region finds the same queues.
// biome-ignore lint/suspicious/noExplicitAny: the two fields are all that fauxqs reads of it
export const asRequest = ({ host }: Caller): any => ({ headers: { host } });

/** CreateQueue. A name ends in .fifo exactly if FifoQueue is true. */
export function create(body: Body, store: QueueStore, caller: Caller) {
  const name = String(body.QueueName ?? '');
  if (name === '') throw missingParameter('QueueName');
  const given = (body.Attributes ?? {}) as QueueAttributes;
  const fifo = String(given.FifoQueue).toLowerCase() === 'true';
  if (!NAME.test(name) || name.length > LONGEST_NAME || name.endsWith('.fifo') !== fifo) {
    const rest = fifo ? ', and the name of a FIFO queue must end with the .fifo suffix' : '';
    throw invalidParameter(
      `Can only include alphanumeric characters, hyphens, or underscores. 1 to ${LONGEST_NAME} in length${rest}.`,
    );
  }
  return createQueue({ ...body, Attributes: readAttributes(given, fifo, store) }, store, asRequest(caller));
}

/** SetQueueAttributes. An empty RedrivePolicy takes the DLQ away. */
export function setAttributes(body: Body, store: QueueStore) {
  const queue = store.named(body.QueueUrl);
  const attributes = readAttributes((body.Attributes ?? {}) as QueueAttributes, queue.isFifo(), store);
  queue.setAttributes(attributes);
}

import type { SqsQueue } from '../fauxqs/internals.ts';
import { entriesOf, runEach } from './batch.ts';
import type { Body } from './call.ts';
import { invalidValue, missingParameter } from './refusals.ts';
import type { QueueStore } from './store.ts';

/** Twelve hours. */
const LONGEST_VISIBILITY = 43_200;

interface Receipt {
  ReceiptHandle?: string;
  VisibilityTimeout?: number;
}

/** DeleteMessage. */
export function deleteMessage(body: Body, store: QueueStore) {
  remove(store.named(body.QueueUrl), body as Receipt);
}

/** DeleteMessageBatch. */
export function deleteMessageBatch(body: Body, store: QueueStore) {
  const queue = store.named(body.QueueUrl);
  return runEach(entriesOf<Receipt>(body), (entry) => remove(queue, entry));
}

/** ChangeMessageVisibility. */
export function changeMessageVisibility(body: Body, store: QueueStore) {
  change(store.named(body.QueueUrl), body as Receipt);
}

/** ChangeMessageVisibilityBatch. */
export function changeMessageVisibilityBatch(body: Body, store: QueueStore) {
  const queue = store.named(body.QueueUrl);
  return runEach(entriesOf<Receipt>(body), (entry) => change(queue, entry));
}

function remove(queue: SqsQueue, { ReceiptHandle }: Receipt): object {
  if (!ReceiptHandle) throw missingParameter('ReceiptHandle');
  queue.deleteMessage(ReceiptHandle);
  return {};
}

function change(queue: SqsQueue, { ReceiptHandle, VisibilityTimeout }: Receipt): object {
  if (!ReceiptHandle) throw missingParameter('ReceiptHandle');
  if (VisibilityTimeout === undefined) throw missingParameter('VisibilityTimeout');
  if (!(VisibilityTimeout >= 0 && VisibilityTimeout <= LONGEST_VISIBILITY)) {
    throw invalidValue('VisibilityTimeout', VisibilityTimeout, `Must be between 0 and ${LONGEST_VISIBILITY}.`);
  }
  queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
  return {};
}

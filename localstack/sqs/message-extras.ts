import type { SqsMessage } from '../fauxqs/internals.ts';

interface Extras {
  /** The AWSTraceHeader that the message was sent with. */
  traceHeader?: string;
  /** The queue whose redrive policy moved the message here. */
  deadLetterSourceArn?: string;
}

const extras = new WeakMap<SqsMessage, Extras>();

/** What SQS keeps with a message, and fauxqs does not. */
export const extrasOf = (message: SqsMessage): Extras => extras.get(message) ?? {};

export function addExtras(message: SqsMessage, added: Extras) {
  extras.set(message, { ...extras.get(message), ...added });
}

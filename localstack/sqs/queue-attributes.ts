import { SqsError } from '../fauxqs/internals.ts';
import { invalidValue } from './refusals.ts';
import type { QueueStore } from './store.ts';

export type QueueAttributes = Record<string, string>;

const whole = (least: number, most: number) => (value: string) =>
  /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
const oneOf =
  (...values: string[]) =>
  (value: string) =>
    values.includes(value);
const flag = oneOf('true', 'false');
const anything = () => true;

/** Every attribute that CreateQueue and SetQueueAttributes take, and its values [SetQueueAttributes]. */
const ATTRIBUTES: Record<string, (value: string) => boolean> = {
  DelaySeconds: whole(0, 900),
  MaximumMessageSize: whole(1_024, 1_048_576),
  MessageRetentionPeriod: whole(60, 1_209_600),
  ReceiveMessageWaitTimeSeconds: whole(0, 20),
  VisibilityTimeout: whole(0, 43_200),
  Policy: anything,
  RedrivePolicy: anything,
  RedriveAllowPolicy: anything,
  KmsMasterKeyId: anything,
  KmsDataKeyReusePeriodSeconds: whole(60, 86_400),
  SqsManagedSseEnabled: flag,
};
const FIFO_ATTRIBUTES: Record<string, (value: string) => boolean> = {
  FifoQueue: oneOf('true'),
  ContentBasedDeduplication: flag,
  DeduplicationScope: oneOf('queue', 'messageGroup'),
  FifoThroughputLimit: oneOf('perQueue', 'perMessageGroupId'),
};
const FLAG = /^(true|false)$/i;

/** Checks a queue's attributes and returns them as they are kept. @throws {SqsError} as SQS would refuse them */
export function readAttributes(given: QueueAttributes, fifo: boolean, store: QueueStore): QueueAttributes {
  const attributes: QueueAttributes = {};
  for (const [name, raw] of Object.entries(given)) {
    if (typeof raw !== 'string') {
      throw new SqsError('SerializationException', `The value of queue attribute ${name} must be a string.`);
    }
    // Templates write True as well.
    const value = FLAG.test(raw) ? raw.toLowerCase() : raw;
    const rules = { ...ATTRIBUTES, ...(fifo && FIFO_ATTRIBUTES) };
    const valid = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!valid) throw new SqsError('InvalidAttributeName', unknown(name));
    if (!valid(value)) throw new SqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);
    attributes[name] = value;
  }
  if (attributes.RedrivePolicy) checkRedrive(attributes.RedrivePolicy, fifo, store);
  return attributes;
}

const unknown = (name: string) =>
  Object.hasOwn(FIFO_ATTRIBUTES, name) && name !== 'FifoQueue'
    ? `You can specify the ${name} only when FifoQueue is set to true.`
    : `Unknown Attribute ${name}.`;

/** A redrive policy names a queue of the same kind that is there. */
function checkRedrive(policy: string, fifo: boolean, store: QueueStore) {
  const refuse = (reason: string) => invalidValue('RedrivePolicy', policy, reason);
  const { deadLetterTargetArn, maxReceiveCount } = parsed(policy) ?? {};
  if (typeof deadLetterTargetArn !== 'string' || maxReceiveCount === undefined) {
    throw refuse('It must be a JSON object with deadLetterTargetArn and maxReceiveCount.');
  }
  if (!whole(1, 1_000)(String(maxReceiveCount))) {
    throw refuse('Invalid value for maxReceiveCount: must be an integer from 1 to 1000.');
  }
  const target = store.getQueueByArn(deadLetterTargetArn);
  if (!target) throw refuse('Dead letter target does not exist.');
  if (target.isFifo() !== fifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
}

function parsed(policy: string): { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown } | undefined {
  try {
    return JSON.parse(policy);
  } catch {
    return undefined;
  }
}

import type { SnsStore, SnsSubscription, SnsTopic } from '../fauxqs/internals.ts';
import { invalidParameter } from './errors.ts';
import { compilePolicy, type Scope } from './filter-policy.ts';
import type { Published } from './message.ts';

export const isFifo = ({ attributes }: SnsTopic): boolean => attributes.FifoTopic === 'true';

/** Refuses what SNS refuses of a queue's subscription. @throws {SnsError} */
export function checkSubscription(topic: SnsTopic | undefined, endpoint: string, attributes: Record<string, string>) {
  if (topic && !isFifo(topic) && endpoint.endsWith('.fifo')) {
    throw invalidParameter(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  }
  const { RawMessageDelivery, RedrivePolicy } = attributes;
  if (RedrivePolicy && deadLetterQueueOf(RedrivePolicy) === undefined) {
    throw invalidParameter('RedrivePolicy: deadLetterTargetArn must be the ARN of a queue');
  }
  if (RawMessageDelivery !== undefined && !/^(true|false)$/i.test(RawMessageDelivery)) {
    throw invalidParameter('RawMessageDelivery: must be true or false');
  }
  filterOf(attributes);
}

/** Whether a message is delivered. @throws {SnsError} for a filter policy that SNS refuses */
export function filterOf({ FilterPolicy, FilterPolicyScope }: Record<string, string>): (message: Published) => boolean {
  const scope = FilterPolicyScope ?? 'MessageAttributes';
  if (scope !== 'MessageAttributes' && scope !== 'MessageBody') {
    throw invalidParameter(
      `FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`,
    );
  }
  return FilterPolicy ? compilePolicy(FilterPolicy, scope satisfies Scope) : () => true;
}

/** The ARN of the queue for what cannot be delivered; undefined where the policy names none. */
export function deadLetterQueueOf(policy: string | undefined): string | undefined {
  try {
    const { deadLetterTargetArn } = JSON.parse(policy || '{}');
    return /^arn:[^:]+:sqs:/.test(deadLetterTargetArn) ? deadLetterTargetArn : undefined;
  } catch {
    return undefined;
  }
}

/** The confirmed subscriptions of queues. */
export const queuesOf = (topics: SnsStore, topic: SnsTopic): SnsSubscription[] =>
  topic.subscriptionArns.flatMap((arn) => {
    const subscription = topics.getSubscription(arn);
    return subscription?.confirmed && subscription.protocol === 'sqs' ? [subscription] : [];
  });

import type { Fauxqs } from '../fauxqs/fauxqs.ts';
import { checkSubscription } from '../sns/subscription.ts';
import { type Creator, generatedName, noteIgnored } from '../template/creation.ts';

/** AWS::SNS::Topic, with the subscriptions in its own properties. */
export function topicCreator({ topics }: Fauxqs, region: string, stackName: string): Creator {
  return ({ id, properties }, note) => {
    const name = properties.TopicName ?? `${generatedName(stackName, id)}${properties.FifoTopic ? '.fifo' : ''}`;
    const attributes: Record<string, string> = {};
    for (const key of ['FifoTopic', 'ContentBasedDeduplication', 'DisplayName']) {
      if (properties[key] !== undefined) attributes[key] = String(properties[key]);
    }
    const topic = topics.createTopic(name, attributes, {}, region);
    for (const { Protocol, Endpoint } of properties.Subscription ?? []) {
      if (Protocol === 'sqs') topics.subscribe(topic.arn, Protocol, Endpoint, {});
      else note(`subscription of ${Endpoint} by ${Protocol}: only queues are delivered to`);
    }
    noteIgnored(
      properties,
      ['TopicName', 'FifoTopic', 'ContentBasedDeduplication', 'DisplayName', 'Subscription', 'Tags'],
      note,
    );
    return { ref: topic.arn, attributes: { TopicArn: topic.arn, TopicName: name } };
  };
}

const SUBSCRIPTION = ['FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery', 'RedrivePolicy'];

/** AWS::SNS::Subscription of a queue. */
export function subscriptionCreator({ topics }: Fauxqs): Creator {
  return ({ id, properties }, note) => {
    const { TopicArn, Protocol, Endpoint } = properties;
    if (Protocol !== 'sqs') {
      note(`protocol ${Protocol}: only queues are delivered to`);
      return { ref: `${TopicArn}:${id}`, attributes: { Arn: `${TopicArn}:${id}` } };
    }
    const attributes: Record<string, string> = {};
    for (const key of SUBSCRIPTION) {
      const value = properties[key];
      if (value !== undefined) attributes[key] = typeof value === 'object' ? JSON.stringify(value) : String(value);
    }
    checkSubscription(topics.getTopic(TopicArn), Endpoint, attributes);
    const subscription = topics.subscribe(TopicArn, Protocol, Endpoint, attributes);
    noteIgnored(properties, [...SUBSCRIPTION, 'TopicArn', 'Protocol', 'Endpoint', 'Region'], note);
    return { ref: subscription?.arn ?? '', attributes: { Arn: subscription?.arn ?? '' } };
  };
}

/** They change nothing that a program can see here. Expiring is not among them: objects stay as long as the cloud runs. */
const WITHOUT_EFFECT = ['BucketEncryption', 'OwnershipControls', 'PublicAccessBlockConfiguration'];

/** AWS::S3::Bucket. */
export function bucketCreator({ buckets }: Fauxqs, region: string, stackName: string): Creator {
  return ({ id, properties }, note) => {
    const name = properties.BucketName ?? generatedName(stackName, id).toLowerCase();
    buckets.createBucket(name);
    noteIgnored(properties, [...WITHOUT_EFFECT, 'BucketName', 'Tags'], note);
    const host = `${name}.s3.amazonaws.com`;
    const regional = `${name}.s3.${region}.amazonaws.com`;
    return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}`, DomainName: host, RegionalDomainName: regional } };
  };
}

import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { cloudWith, queueResource, type World } from '../cloud-under-test.ts';

export const TOPIC = 'arn:aws:sns:us-east-1:000000000000:orders';

export const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

export const subscriptionOf = (queue: string, properties: object = {}) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: {
    TopicArn: { Ref: 'Topic' },
    Protocol: 'sqs',
    Endpoint: arnOf(queue),
    RawMessageDelivery: true,
    ...properties,
  },
});

export interface TopicWorld extends World {
  sns: SNSClient;
  /** Publishes one message. */
  publish(Message: string, rest?: object): Promise<unknown>;
  /** What is on a queue now. */
  onQueue(name: string): Promise<Message[]>;
}

/** The topic `orders` with the queue `a`, subscribed as the properties say, and other resources. */
export async function topicWith(properties: object = {}, more: object = {}): Promise<TopicWorld> {
  const world = await cloudWith({
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'orders' } },
    A: queueResource('a'),
    ToA: subscriptionOf('A', properties),
    ...more,
  });
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const sns = new SNSClient({ endpoint: world.cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  return {
    ...world,
    sns,
    publish: (Message, rest) => sns.send(new PublishCommand({ TopicArn: TOPIC, Message, ...rest })),
    async onQueue(name) {
      const all: Message[] = [];
      for (;;) {
        const { Messages = [] } = await world.sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: world.queueUrl(name),
            MaxNumberOfMessages: 10,
            MessageAttributeNames: ['All'],
            MessageSystemAttributeNames: ['All'],
          }),
        );
        if (Messages.length === 0) return all;
        all.push(...Messages);
      }
    },
    async [Symbol.asyncDispose]() {
      sns.destroy();
      await world[Symbol.asyncDispose]();
    },
  };
}

import { queuesTemplate } from '../../infra/queues.js';
import { topicNames } from '../../infra/topic-names.js';
import { topicsTemplate } from '../../infra/topics.js';

const FILTER = { amount: [{ numeric: ['>=', 100] }] };
const QUEUES = {
  'order-sales': { timeout: 5, topic: 'orders' },
  'order-notify': { timeout: 5, topic: 'orders', filter: FILTER, filterScope: 'MessageBody' as const },
  jobs: { timeout: 5 },
};
const { Resources: made, Outputs } = topicsTemplate('sluice-x', ['orders'], QUEUES);
const { Resources: queues } = queuesTemplate('sluice-x', QUEUES);

test('a topic and its subscribers give topic, policy and a subscription for each, and nothing for other queues', () => {
  expect(Object.keys(made)).toEqual([
    'OrdersTopic',
    'OrdersTopicPolicy',
    'OrderDashsalesSubscription',
    'OrderDashnotifySubscription',
  ]);
  expect(Outputs).toEqual({ OrdersTopicArn: { Value: { Ref: 'OrdersTopic' } } });
});

test('the topic is encrypted with a key that costs nothing while idle, and refuses plain HTTP', () => {
  expect(made.OrdersTopic.Properties).toEqual({ TopicName: 'sluice-x-orders', KmsMasterKeyId: 'alias/aws/sns' });
  expect(made.OrdersTopicPolicy.Properties).toMatchObject({
    Topics: [{ Ref: 'OrdersTopic' }],
    PolicyDocument: {
      Statement: [{ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    },
  });
});

test('queues get messages raw, and what cannot be delivered goes to their own dead-letter queue', () => {
  expect(made.OrderDashsalesSubscription).toEqual({
    Type: 'AWS::SNS::Subscription',
    DependsOn: ['OrderDashsalesQueuePolicy'],
    Properties: {
      TopicArn: { Ref: 'OrdersTopic' },
      Protocol: 'sqs',
      Endpoint: { 'Fn::GetAtt': ['OrderDashsalesQueue', 'Arn'] },
      RawMessageDelivery: true,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['OrderDashsalesDeadLetterQueue', 'Arn'] } },
    },
  });
  expect(made.OrderDashnotifySubscription.Properties).toMatchObject({
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: FILTER,
  });
});

test('both queues of a subscriber let their topic in and no other, and those of others let none in', () => {
  const allowed = (id: string) =>
    queues[id].Properties.PolicyDocument.Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
  expect(allowed('OrderDashsalesQueuePolicy')).toEqual(
    ['OrderDashsalesQueue', 'OrderDashsalesDeadLetterQueue'].map((queue) => ({
      Sid: `TopicSends${queue}`,
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
      Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'OrdersTopic' } } },
    })),
  );
  expect(allowed('JobsQueuePolicy')).toEqual([]);
});

test('an entry of topics has a name and nothing else', () => {
  expect(topicNames({ orders: null, 'late-mails': {} })).toEqual(['orders', 'late-mails']);
  expect(() => topicNames({ Orders: {} })).toThrow('custom.topics.Orders: a topic’s name'.replace('’', "'"));
  expect(() => topicNames({ alarms: {} })).toThrow('custom.topics.alarms: that is the topic of the alarms');
  expect(() => topicNames({ orders: { fifo: true } })).toThrow('custom.topics.orders must be {}');
});

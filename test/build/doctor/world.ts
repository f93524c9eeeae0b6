import { type Diagnosis, examine } from '../../../build/doctor/examine.ts';
import type { Resource, Template } from '../../../localstack/template/template.ts';

const DAY = 86_400;

/** A template that no rule has anything against: one queue, its dead-letter queue, function, mapping, table, topic and alarm. */
const HEALTHY: Record<string, Resource> = {
  Queue: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'work',
      VisibilityTimeout: 181,
      MessageRetentionPeriod: 4 * DAY,
      MaximumMessageSize: 1_048_576,
      ReceiveMessageWaitTimeSeconds: 20,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
    },
  },
  Dead: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'work-dlq',
      MessageRetentionPeriod: 14 * DAY,
      MaximumMessageSize: 1_048_576,
      ReceiveMessageWaitTimeSeconds: 20,
    },
  },
  Worker: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Timeout: 30,
      Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      RecursiveLoop: 'Allow',
      Environment: {
        Variables: {
          TABLE_NAME: { Ref: 'Results' },
          RESULT_TTL_DAYS: '30',
          WORKER_CONCURRENCY: '10',
          MAX_RECEIVE_COUNT: '5',
        },
      },
    },
  },
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: {
      Policies: [
        {
          PolicyDocument: {
            Statement: [
              { Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: '*' },
              {
                Effect: 'Allow',
                Action: ['sqs:SendMessage'],
                Resource: [{ 'Fn::GetAtt': ['Dead', 'Arn'] }, { 'Fn::GetAtt': ['Queue', 'Arn'] }],
              },
            ],
          },
        },
      ],
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['Worker', 'Arn'] },
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 10 },
    },
  },
  Results: {
    Type: 'AWS::DynamoDB::Table',
    Properties: { TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
  },
  Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'orders' } },
  Subscription: {
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: 'Topic' },
      Protocol: 'sqs',
      Endpoint: { 'Fn::GetAtt': ['Queue', 'Arn'] },
      RawMessageDelivery: true,
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: { amount: [{ numeric: ['>', 0] }] },
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
    },
  },
  Policy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Queue' }, { Ref: 'Dead' }],
      PolicyDocument: {
        Statement: [
          { Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] } },
          {
            Effect: 'Allow',
            Principal: { Service: 'sns.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, { 'Fn::GetAtt': ['Dead', 'Arn'] }],
            Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'Topic' } } },
          },
        ],
      },
    },
  },
  Alarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['Dead', 'QueueName'] } }],
    },
  },
};

/** Property paths such as `Worker.Environment.Variables.RESULT_TTL_DAYS`, with what they are set to. */
export type Changes = Record<string, unknown>;

/**
 * The healthy template with some properties changed. A path of one name adds a whole resource; undefined removes what
 * is there. `Queue.Metadata.Sluice` holds what is expected of the queue's jobs.
 */
export function template(changes: Changes = {}): Template {
  const resources = structuredClone(HEALTHY);
  (resources.Queue as { Metadata?: object }).Metadata = { Sluice: { JobSeconds: 0.1, MessageBytes: 1000 } };
  for (const [path, value] of Object.entries(changes)) {
    const [id = '', ...keys] = path.split('.');
    // biome-ignore lint/suspicious/noExplicitAny: properties are as varied as AWS itself
    let target: any =
      keys.length === 0 ? resources : keys[0] === 'Metadata' ? resources[id] : resources[id]?.Properties;
    const last = keys.pop() ?? id;
    for (const key of keys) target = target[key];
    if (value === undefined) delete target[last];
    else target[last] = structuredClone(value);
  }
  return { Resources: resources };
}

export const diagnose = (changes?: Changes): Diagnosis => examine(template(changes));

/** The ids of the rules that the healthy template, so changed, breaks. */
export const broken = (changes?: Changes): string[] => diagnose(changes).findings.map(({ rule }) => rule);

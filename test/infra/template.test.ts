import { readFileSync } from 'node:fs';
import { queuesTemplate } from '../../infra/queues.js';

interface Template {
  // biome-ignore lint/suspicious/noExplicitAny: properties differ by type
  Resources: Record<string, { Type: string; Properties: any }>;
  Outputs: Record<string, unknown>;
}

/** As `serverless package` made it for a stage that serverless.yml does not name. */
const { Resources, Outputs }: Template = JSON.parse(
  readFileSync('.sluice/test/cloudformation-template-update-stack.json', 'utf8'),
);
const properties = (id: string) => Resources[id]?.Properties;

test('physical names are predictable', () => {
  expect(properties('JobsQueue').QueueName).toBe('sluice-test-jobs');
  expect(properties('JobsDeadLetterQueue').QueueName).toBe('sluice-test-jobs-dlq');
  expect(properties('JobsLambdaFunction').FunctionName).toBe('sluice-test-jobs');
  expect(properties('ResultsTable')).toMatchObject({
    TableName: 'job-results-outbox-v1-test',
    KeySchema: [{ AttributeName: 'JobID', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  });
});

test('the visibility timeout is six times the function’s timeout and the window', () => {
  expect(properties('JobsLambdaFunction').Timeout).toBe(2);
  expect(properties('JobsQueue').VisibilityTimeout).toBe(6 * 2 + 1);
});

test('the mapping reports partial failures, with bounded concurrency, batch size and window as parameters', () => {
  const [id] = Object.keys(Resources).filter((name) => Resources[name]?.Type === 'AWS::Lambda::EventSourceMapping');
  expect(properties(id as string)).toMatchObject({
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BatchSize: 50,
    MaximumBatchingWindowInSeconds: 1,
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});

test('what the function is told of its queue is what the queue does', () => {
  const { MAX_RECEIVE_COUNT } = properties('JobsLambdaFunction').Environment.Variables;
  expect(Number(MAX_RECEIVE_COUNT)).toBe(properties('JobsQueue').RedrivePolicy.maxReceiveCount);
});

test('the function may do what it does and nothing else', () => {
  const statements = properties('IamRoleLambdaExecution').Policies[0].PolicyDocument.Statement;
  const actions = statements.flatMap(({ Action }: { Action: string[] }) => Action).sort();
  expect([...new Set(actions)]).toEqual([
    'dynamodb:BatchGetItem',
    'dynamodb:PartiQLInsert',
    'dynamodb:PartiQLUpdate',
    'logs:CreateLogGroup',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'logs:TagResource',
    'sqs:ChangeMessageVisibility',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
    'sqs:ReceiveMessage',
    'sqs:SendMessage',
  ]);
});

test('the alarms are those of the specification', () => {
  const alarms = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties: { AlarmName, MetricName, Threshold, ComparisonOperator } }) => [
      AlarmName,
      MetricName,
      Threshold,
      ComparisonOperator,
    ]);
  expect(alarms.sort()).toEqual([
    ['sluice-test-jobs-age', 'ApproximateAgeOfOldestMessage', 300, 'GreaterThanThreshold'],
    ['sluice-test-jobs-dead-letters', 'ApproximateNumberOfMessagesVisible', 0, 'GreaterThanThreshold'],
    ['sluice-test-jobs-depth', 'ApproximateNumberOfMessagesVisible', 1000, 'GreaterThanThreshold'],
    ['sluice-test-jobs-errors', 'Errors', 10, 'GreaterThanThreshold'],
  ]);
});

test('the outputs name queue, dead-letter queue and table', () => {
  expect(Object.keys(Outputs)).toEqual(
    expect.arrayContaining(['JobsQueueUrl', 'JobsDeadLetterQueueUrl', 'ResultsTableName']),
  );
});

describe('one queue declaration', () => {
  const { Resources: made } = queuesTemplate('sluice-x', {
    orders: { functionTimeout: 10, window: 5, maxReceiveCount: 3 },
    mails: { functionTimeout: 900 },
  });

  test('gives queue, dead-letter queue, policy and three alarms each, none of the other’s', () => {
    expect(Object.keys(made)).toHaveLength(12);
    expect(made.OrdersQueue.Properties).toMatchObject({
      QueueName: 'sluice-x-orders',
      VisibilityTimeout: 65,
      MaximumMessageSize: 1_048_576,
      ReceiveMessageWaitTimeSeconds: 20,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['OrdersDeadLetterQueue', 'Arn'] }, maxReceiveCount: 3 },
    });
    expect(made.OrdersDeadLetterQueue.Properties.MessageRetentionPeriod).toBe(14 * 86_400);
    expect(made.MailsQueue.Properties).toMatchObject({
      VisibilityTimeout: 5_400,
      RedrivePolicy: { maxReceiveCount: 5 },
    });
  });

  test('refuses plain HTTP on both queues', () => {
    const { Queues, PolicyDocument } = made.OrdersQueuePolicy.Properties;
    expect(Queues).toEqual([{ Ref: 'OrdersQueue' }, { Ref: 'OrdersDeadLetterQueue' }]);
    for (const statement of PolicyDocument.Statement) {
      expect(statement).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    }
  });
});

import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { cloudWith, eventually, functionResource, queueResource, tableResource } from '../cloud-under-test.ts';

const mapping = (properties: object = {}) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
    FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] },
    ...properties,
  },
});

describe('bringing a template up', () => {
  test('queues get all their attributes, and a DLQ declared after its queue exists before it', async () => {
    await using world = await cloudWith({
      Queue: queueResource('work', {
        VisibilityTimeout: 181,
        MessageRetentionPeriod: 1_209_600,
        ReceiveMessageWaitTimeSeconds: 20,
        DelaySeconds: 1,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
      }),
      Dead: queueResource('dead', { RedriveAllowPolicy: { redrivePermission: 'denyAll' } }),
      Ordered: queueResource('ordered.fifo', { FifoQueue: true, ContentBasedDeduplication: true }),
    });
    const attributes = async (name: string) =>
      (await world.sqs.send(new GetQueueAttributesCommand({ QueueUrl: world.queueUrl(name), AttributeNames: ['All'] })))
        .Attributes;
    expect(await attributes('work')).toMatchObject({
      VisibilityTimeout: '181',
      MessageRetentionPeriod: '1209600',
      ReceiveMessageWaitTimeSeconds: '20',
      DelaySeconds: '1',
      MaximumMessageSize: '1048576',
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":5}',
    });
    expect(await attributes('dead')).toMatchObject({ RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    expect(await attributes('ordered.fifo')).toMatchObject({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  });

  test('what is not emulated is listed with its reason and can still be referred to', async () => {
    await using world = await cloudWith(
      {
        Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'deep' } },
        Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'worker' } },
        Api: { Type: 'AWS::ApiGateway::RestApi', Properties: {} },
        Function: functionResource('worker', {
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          TracingConfig: { Mode: 'Active' },
        }),
      },
      { rest: { Outputs: { Role: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] }, Export: { Name: 'role' } } } } },
    );
    expect(world.cloud.notEmulated).toEqual([
      'AWS::CloudWatch::Alarm Alarm: there are no metrics to watch',
      'AWS::ApiGateway::RestApi Api: this type is not emulated',
      'AWS::Lambda::Function Function: without TracingConfig',
    ]);
    expect(world.cloud.stack.outputs).toEqual([
      { key: 'Role', value: 'arn:aws:iam::000000000000:role/worker', exportName: 'role' },
    ]);
  });

  test('a topic fans out to its queues', async () => {
    await using world = await cloudWith({
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'orders' } },
      A: queueResource('a'),
      B: queueResource('b'),
      ToA: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'Topic' },
          Protocol: 'sqs',
          Endpoint: { 'Fn::GetAtt': ['A', 'Arn'] },
          RawMessageDelivery: true,
        },
      },
      ToB: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'Topic' },
          Protocol: 'sqs',
          Endpoint: { 'Fn::GetAtt': ['B', 'Arn'] },
          RawMessageDelivery: true,
        },
      },
    });
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:orders';
    const body = new URLSearchParams({ Action: 'Publish', TopicArn, Message: 'order 1' });
    expect((await fetch(world.cloud.endpoint, { method: 'POST', body })).status).toBe(200);
    for (const name of ['a', 'b']) {
      const { Messages } = await world.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: world.queueUrl(name), WaitTimeSeconds: 2 }),
      );
      expect(Messages?.map((message) => message.Body)).toEqual(['order 1']);
    }
  });

  test('functions see the resolved variables, the endpoint, and what the caller overrides', async () => {
    await using world = await cloudWith(
      {
        Queue: queueResource('work'),
        Function: functionResource('worker', {
          Environment: { Variables: { QUEUE_URL: { Ref: 'Queue' }, LEVEL: 'info', COUNT: 3 } },
        }),
      },
      { code: 'exports.handler = async () => process.env;', environment: { worker: { LEVEL: 'debug' } } },
    );
    const result = await world.cloud.functions.get('worker')?.invoke('{}');
    expect(JSON.parse(result?.payload ?? '')).toMatchObject({
      QUEUE_URL: world.queueUrl('work'),
      LEVEL: 'debug',
      COUNT: '3',
      AWS_ENDPOINT_URL: world.cloud.endpoint,
      AWS_LAMBDA_FUNCTION_NAME: 'worker',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
    });
  });

  test.each<[string, object, object, string]>([
    [
      'a function timeout over the visibility timeout',
      { Timeout: 31 },
      {},
      'Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds',
    ],
    [
      'a batch over 10 without a window',
      {},
      { BatchSize: 11 },
      'MaximumBatchingWindowInSeconds must be at least 1 for BatchSize 11',
    ],
    ['a batch over 10,000', {}, { BatchSize: 10_001, MaximumBatchingWindowInSeconds: 1 }, 'from 1 to 10000'],
    ['a concurrency of 1', {}, { ScalingConfig: { MaximumConcurrency: 1 } }, 'from 2 to 1000'],
    ['a concurrency over 1,000', {}, { ScalingConfig: { MaximumConcurrency: 1001 } }, 'from 2 to 1000'],
    ['a window over 300 s', {}, { MaximumBatchingWindowInSeconds: 301 }, 'from 0 to 300'],
  ])('%s is refused as by Lambda', async (_, functionProperties, mappingProperties, message) => {
    const resources = {
      Queue: queueResource('work'),
      Function: functionResource('worker', functionProperties),
      Mapping: mapping(mappingProperties),
    };
    await expect(cloudWith(resources)).rejects.toThrow(`Mapping (AWS::Lambda::EventSourceMapping): `);
    await expect(cloudWith(resources)).rejects.toThrow(message);
  });

  test.each<[string, object, string]>([
    ['a batching window', { MaximumBatchingWindowInSeconds: 1 }, 'not supported for FIFO queues'],
    ['a batch over 10', { BatchSize: 11 }, 'from 1 to 10 for a FIFO queue'],
  ])('%s on a FIFO queue is refused as by Lambda', async (_, properties, message) => {
    const Queue = queueResource('work.fifo', { FifoQueue: true });
    await expect(
      cloudWith({ Queue, Function: functionResource('worker'), Mapping: mapping(properties) }),
    ).rejects.toThrow(message);
  });

  test.each<[string, object, string]>([
    [
      'an unknown reference',
      { Queue: queueResource('work', { VisibilityTimeout: { Ref: 'Nope' } }) },
      'Queue: Ref Nope means nothing',
    ],
    [
      'an unknown intrinsic',
      { Queue: queueResource({ 'Fn::Magic': 1 } as never) },
      'Queue: the intrinsic function Fn::Magic',
    ],
    [
      'an attribute out of range',
      { Queue: queueResource('work', { VisibilityTimeout: 50_000 }) },
      'Queue (AWS::SQS::Queue): Invalid value',
    ],
    [
      'a missing bundle',
      { Function: functionResource('worker', { Code: { S3Key: 'a/nope.zip' } }) },
      'nope.zip is missing. Make it: npx serverless package',
    ],
    [
      'another runtime',
      { Function: functionResource('worker', { Runtime: 'python3.13' }) },
      'Function: runtime python3.13 is not emulated',
    ],
    [
      'a bad schedule',
      { Rule: schedule('rate(1 minutes)'), Function: functionResource('worker') },
      'Rule: rate(1 minutes): EventBridge wants',
    ],
    ['a table without its key', { Table: tableResource('jobs', { KeySchema: [] }) }, 'Table (AWS::DynamoDB::Table)'],
  ])('%s is an error that names the resource', async (_, resources, message) => {
    await expect(cloudWith(resources)).rejects.toThrow(message);
  });

  test('a schedule invokes its function with the event of EventBridge, or with its own input', async () => {
    await using world = await cloudWith(
      {
        Function: functionResource('worker'),
        Rule: schedule('cron(* * * * ? *)'),
        Off: schedule('rate(1 minute)', { State: 'DISABLED' }),
      },
      { code: 'exports.handler = async (event) => console.log(JSON.stringify(event));' },
    );
    expect(world.cloud.schedules.map((each) => each.expression)).toEqual(['cron(* * * * ? *)']);
    await eventually(() => expect(world.logs.join('\n')).toContain('"detail-type":"Scheduled Event"'), 65_000);
  }, 70_000);
});

function schedule(ScheduleExpression: string, more: object = {}) {
  const Targets = [{ Id: 'worker', Arn: { 'Fn::GetAtt': ['Function', 'Arn'] } }];
  return { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression, Targets, ...more } };
}

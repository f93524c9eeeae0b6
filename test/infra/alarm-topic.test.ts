import { topicTemplate } from '../../infra/alarm-topic.js';

const { Resources } = topicTemplate('sluice-x', '');

test('the topic is encrypted with a key that CloudWatch may use, for alarms of this account only', () => {
  expect(Resources.AlarmTopic.Properties.KmsMasterKeyId).toEqual({ 'Fn::GetAtt': ['AlarmKey', 'Arn'] });
  expect(Resources.AlarmKey.Properties.KeyPolicy.Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  );
});

test('CloudWatch may publish to the topic, and nobody without TLS', () => {
  expect(Resources.AlarmTopicPolicy.Properties.PolicyDocument.Statement).toMatchObject([
    { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' },
    { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ]);
});

test('an address gets a subscription, and no address none', () => {
  expect(Resources).not.toHaveProperty('AlarmEmail');
  expect(topicTemplate('sluice-x', 'ops@example.com').Resources).toHaveProperty('AlarmEmail.Properties', {
    TopicArn: { Ref: 'AlarmTopic' },
    Protocol: 'email',
    Endpoint: 'ops@example.com',
  });
});

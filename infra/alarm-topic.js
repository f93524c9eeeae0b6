import { arnOf } from './names.js';

const CLOUDWATCH = { Service: 'cloudwatch.amazonaws.com' };
/** Only alarms of this account, because CloudWatch acts for every account [AWS: the confused deputy problem]. */
const OWN_ALARMS = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };

/**
 * `AlarmTopic`, which receives every alarm. It is encrypted, takes TLS only, and is open to CloudWatch.
 *
 * @param {string} prefix
 * @param {string} email address that receives the alarms. If it is empty there is no subscription; others may still
 *   subscribe to the topic
 */
export function topicTemplate(prefix, email) {
  return {
    Resources: {
      AlarmKey: key(prefix),
      AlarmTopic: {
        Type: 'AWS::SNS::Topic',
        Properties: { TopicName: `${prefix}-alarms`, KmsMasterKeyId: arnOf('AlarmKey') },
      },
      AlarmTopicPolicy: topicPolicy(),
      ...(email && {
        AlarmEmail: {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: email },
        },
      }),
    },
    Outputs: { AlarmTopicArn: { Value: { Ref: 'AlarmTopic' } } },
  };
}

/**
 * The topic needs its own key: the policy of AWS's key for SNS cannot be changed, and does not let CloudWatch use it.
 *
 * @param {string} prefix
 */
function key(prefix) {
  return {
    Type: 'AWS::KMS::Key',
    Properties: {
      Description: `Encrypts the topic ${prefix}-alarms`,
      EnableKeyRotation: true,
      // The shortest that AWS allows. The key protects notifications on their way only; nothing is stored with it.
      PendingWindowInDays: 7,
      KeyPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AccountAdministers',
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` } },
            Action: 'kms:*',
            Resource: '*',
          },
          {
            Sid: 'AlarmsEncrypt',
            Effect: 'Allow',
            Principal: CLOUDWATCH,
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Resource: '*',
            Condition: OWN_ALARMS,
          },
        ],
      },
    },
  };
}

function topicPolicy() {
  const topic = { Ref: 'AlarmTopic' };
  return {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: {
      Topics: [topic],
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AlarmsPublish',
            Effect: 'Allow',
            Principal: CLOUDWATCH,
            Action: 'sns:Publish',
            Resource: topic,
            Condition: OWN_ALARMS,
          },
          {
            Sid: 'TlsOnly',
            Effect: 'Deny',
            Principal: '*',
            // A topic's policy does not allow sns:*.
            Action: 'sns:Publish',
            Resource: topic,
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    },
  };
}

/**
 * The queues that serverless.yml declares under `custom.queues`, as CloudFormation. One entry there gives a queue with
 * its dead-letter queue, both policies and the three alarms that every queue here has.
 *
 * @typedef {object} QueueDeclaration
 * @property {number} functionTimeout  seconds the consuming function may run
 * @property {number} [window]         seconds of the mapping's batching window; default 0
 * @property {number} [maxReceiveCount] receives before SQS itself moves a message to the DLQ, 3 to 5; default 5
 * @property {number} [jobSeconds]     how long one job is expected to take, for the doctor's rules on batches
 * @property {number} [messageBytes]   how large one message is expected to be, for the same
 */

const DAY = 86_400;
/** The largest message SQS takes since 2025; a queue's own default is 262,144. */
const MAXIMUM_MESSAGE_SIZE = 1_048_576;

/**
 * Called by the framework for `${file(infra/queues.js):template}`.
 *
 * @param {{ resolveConfigurationProperty: (path: string[]) => Promise<any>, resolveVariable: (name: string) => Promise<any> }} framework
 */
export async function template({ resolveConfigurationProperty, resolveVariable }) {
  const service = await resolveConfigurationProperty(['service']);
  const stage = await resolveVariable('sls:stage');
  const declarations = await resolveConfigurationProperty(['custom', 'queues']);
  return queuesTemplate(`${service}-${stage}`, declarations);
}

/**
 * @param {string} prefix physical names start with it: `sluice-<stage>`
 * @param {Record<string, QueueDeclaration>} declarations by short name, such as `jobs`
 */
export function queuesTemplate(prefix, declarations) {
  const parts = Object.entries(declarations).map(([name, queue]) => oneQueue(prefix, name, queue));
  return {
    Resources: Object.assign({}, ...parts.map((part) => part.Resources)),
    Outputs: Object.assign({}, ...parts.map((part) => part.Outputs)),
  };
}

/**
 * @param {string} prefix
 * @param {string} name
 * @param {QueueDeclaration} queue
 */
function oneQueue(prefix, name, { functionTimeout, window = 0, maxReceiveCount = 5, jobSeconds, messageBytes }) {
  const id = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const main = `${id}Queue`;
  const dead = `${id}DeadLetterQueue`;
  const queueName = `${prefix}-${name}`;
  return {
    Resources: {
      [main]: {
        Type: 'AWS::SQS::Queue',
        // What is expected of its jobs travels with the template, where the doctor finds it: see docs/doctor.md.
        Metadata: { Sluice: { JobSeconds: jobSeconds, MessageBytes: messageBytes } },
        Properties: {
          QueueName: queueName,
          // Lambda's own recommendation: a batch may be retried six times by the poller while it is throttled.
          VisibilityTimeout: 6 * Number(functionTimeout) + Number(window),
          MaximumMessageSize: MAXIMUM_MESSAGE_SIZE,
          MessageRetentionPeriod: 4 * DAY,
          ReceiveMessageWaitTimeSeconds: 20,
          SqsManagedSseEnabled: true,
          RedrivePolicy: {
            deadLetterTargetArn: { 'Fn::GetAtt': [dead, 'Arn'] },
            maxReceiveCount: Number(maxReceiveCount),
          },
        },
      },
      [dead]: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: `${queueName}-dlq`,
          MaximumMessageSize: MAXIMUM_MESSAGE_SIZE,
          MessageRetentionPeriod: 14 * DAY,
          ReceiveMessageWaitTimeSeconds: 20,
          SqsManagedSseEnabled: true,
        },
      },
      [`${id}QueuePolicy`]: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: main }, { Ref: dead }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [main, dead].map((queue) => ({
              Sid: `TlsOnly${queue}`,
              Effect: 'Deny',
              Principal: '*',
              Action: 'sqs:*',
              Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            })),
          },
        },
      },
      [`${id}DepthAlarm`]: alarm(`${queueName}-depth`, 'More than 1,000 messages wait: the consumer does not keep up', {
        ...queueMetric('ApproximateNumberOfMessagesVisible', main),
        Threshold: 1000,
      }),
      [`${id}AgeAlarm`]: alarm(`${queueName}-age`, 'The oldest message has waited for more than 300 s', {
        ...queueMetric('ApproximateAgeOfOldestMessage', main),
        Threshold: 300,
      }),
      // Not NumberOfMessagesSent: that does not count what the redrive policy moves.
      [`${id}DeadLettersAlarm`]: alarm(`${queueName}-dead-letters`, 'The dead-letter queue is not empty', {
        ...queueMetric('ApproximateNumberOfMessagesVisible', dead),
        Threshold: 0,
      }),
    },
    Outputs: {
      [`${main}Url`]: { Value: { Ref: main } },
      [`${dead}Url`]: { Value: { Ref: dead } },
    },
  };
}

/** @param {string} metric @param {string} queue logical id */
function queueMetric(metric, queue) {
  return {
    Namespace: 'AWS/SQS',
    MetricName: metric,
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
    Statistic: 'Maximum',
  };
}

/** @param {string} name @param {string} description @param {object} metric */
function alarm(name, description, metric) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: name,
      AlarmDescription: description,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Period: 60,
      TreatMissingData: 'notBreaching',
      ...metric,
    },
  };
}

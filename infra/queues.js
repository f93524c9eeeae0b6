import { arnOf, logicalId } from './names.js';
import { readService } from './service.js';
import { visibilityTimeout } from './visibility.js';

/**
 * The part of a queue's declaration that is read here.
 *
 * @typedef {Pick<import('./declarations.js').QueueDeclaration, 'timeout'>
 *   & Partial<import('./declarations.js').QueueDeclaration>} QueueDeclaration
 */

const DAY = 86_400;
/** The largest message that SQS takes since 2025. A queue's own default is 262,144. */
const MAXIMUM_MESSAGE_SIZE = 1_048_576;

/**
 * Called by the framework for `${file(infra/queues.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function template(framework) {
  const { prefix, queues, isProtected } = await readService(framework);
  return queuesTemplate(prefix, queues, { isProtected });
}

/**
 * Queues by their short name, each with its dead-letter queue and a policy for both. Protected queues stay when their
 * stack is removed, because their messages exist nowhere else.
 *
 * @param {string} prefix start of physical names: `sluice-<stage>`
 * @param {Record<string, QueueDeclaration>} declarations by short name, such as `jobs`
 * @param {{ isProtected?: boolean }} [options]
 */
export function queuesTemplate(prefix, declarations, { isProtected = false } = {}) {
  const parts = Object.entries(declarations).map(([name, queue]) => oneQueue(prefix, name, queue, isProtected));
  return {
    Resources: Object.assign({}, ...parts.map((part) => part.Resources)),
    Outputs: Object.assign({}, ...parts.map((part) => part.Outputs)),
  };
}

/**
 * @param {string} prefix
 * @param {string} name
 * @param {QueueDeclaration} declaration
 * @param {boolean} isProtected
 */
function oneQueue(prefix, name, declaration, isProtected) {
  const { maxReceiveCount = 5, jobSeconds, messageBytes } = declaration;
  const id = logicalId(name);
  const main = `${id}Queue`;
  const dead = `${id}DeadLetterQueue`;
  const queueName = `${prefix}-${name}`;
  // OnCreate: a first deployment that fails removes its empty queues. Otherwise their names would block the next one.
  const policies = isProtected
    ? { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
    : { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };
  return {
    Resources: {
      [main]: {
        Type: 'AWS::SQS::Queue',
        // The expected size and time of its jobs. The doctor reads them from the template: see docs/doctor.md.
        Metadata: { Sluice: { JobSeconds: jobSeconds, MessageBytes: messageBytes } },
        ...policies,
        Properties: {
          QueueName: queueName,
          VisibilityTimeout: visibilityTimeout(declaration),
          MaximumMessageSize: MAXIMUM_MESSAGE_SIZE,
          MessageRetentionPeriod: 4 * DAY,
          ReceiveMessageWaitTimeSeconds: 20,
          SqsManagedSseEnabled: true,
          RedrivePolicy: {
            deadLetterTargetArn: arnOf(dead),
            maxReceiveCount,
          },
        },
      },
      [dead]: {
        Type: 'AWS::SQS::Queue',
        ...policies,
        Properties: {
          QueueName: `${queueName}-dlq`,
          MaximumMessageSize: MAXIMUM_MESSAGE_SIZE,
          MessageRetentionPeriod: 14 * DAY,
          ReceiveMessageWaitTimeSeconds: 20,
          SqsManagedSseEnabled: true,
          // By name, because the queue already refers to this one, and CloudFormation allows no circular references.
          RedriveAllowPolicy: {
            redrivePermission: 'byQueue',
            sourceQueueArns: [
              { 'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${queueName}` },
            ],
          },
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
              Resource: arnOf(queue),
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            })),
          },
        },
      },
    },
    Outputs: {
      [`${main}Url`]: { Value: { Ref: main } },
      [`${dead}Url`]: { Value: { Ref: dead } },
    },
  };
}

import { arnOf, logicalId, queueNames, retryNameOf } from './names.js';
import { readService } from './service.js';
import { deliveryStatements } from './topics.js';
import { visibilityTimeout } from './visibility.js';

/**
 * What is read of a queue's declaration.
 *
 * @typedef {Pick<import('./declarations.js').QueueDeclaration, 'timeout'>
 *   & Partial<import('./declarations.js').QueueDeclaration>} QueueDeclaration
 */

const DAY = 86_400;
/** The largest message SQS takes, and a queue's own default since 2025; before that it was 262,144. */
const MAXIMUM_MESSAGE_SIZE = 1_048_576;
/**
 * A FIFO queue's: the most that SQS takes. Messages behind a failing one are received with it each time, and never run.
 * So the worker counts runs in the ledger, up to the declared `maxReceiveCount`, and the redrive policy is the last resort.
 */
const FIFO_RECEIVES = 1_000;
/**
 * A FIFO queue: order and deduplication in each message group alone, which is SQS's mode of high throughput. Messages without a
 * deduplication id get one from their body.
 */
const FIFO = {
  FifoQueue: true,
  ContentBasedDeduplication: true,
  DeduplicationScope: 'messageGroup',
  FifoThroughputLimit: 'perMessageGroupId',
};

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
 * Queues by their short name, each with its dead-letter queue, its retry queue if it has one, and the policy of all. Protected ones stay when their stack
 * goes: what they hold exists nowhere else.
 *
 * @param {string} prefix physical names start with it: `sluice-<stage>`
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
  const { fifo = false, maxReceiveCount = 5, jobSeconds, messageBytes, retryQueue, topic } = declaration;
  const id = logicalId(name);
  const main = `${id}Queue`;
  const dead = `${id}DeadLetterQueue`;
  const names = queueNames(prefix, name, { fifo });
  const retry = `${logicalId(retryNameOf(name))}Queue`;
  const retryQueueName = `${prefix}-${retryNameOf(name)}`;
  // A first deployment that fails takes its empty queues along: their names would be in the way of the next one.
  const policies = isProtected
    ? { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
    : { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };
  const all = [main, ...(retryQueue ? [retry] : []), dead];
  /** @param {string} QueueName @param {object} [own] */
  const consumed = (QueueName, own) => ({
    Type: 'AWS::SQS::Queue',
    // What is expected of its jobs travels with the template, where the doctor finds it: see docs/doctor.md.
    Metadata: { Sluice: { JobSeconds: jobSeconds, MessageBytes: messageBytes } },
    ...policies,
    Properties: {
      QueueName,
      VisibilityTimeout: visibilityTimeout(declaration),
      MaximumMessageSize: MAXIMUM_MESSAGE_SIZE,
      // A group that waits for an operator's decision must not expire meanwhile.
      MessageRetentionPeriod: (fifo ? 14 : 4) * DAY,
      ReceiveMessageWaitTimeSeconds: 20,
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: arnOf(dead),
        maxReceiveCount: fifo ? FIFO_RECEIVES : maxReceiveCount,
      },
      ...own,
    },
  });
  return {
    Resources: {
      [main]: consumed(names.main, fifo ? FIFO : {}),
      // Its messages come from the function, with their count, and not by a redrive policy: SQS promises neither the
      // delay nor a fresh receive count to what it moves itself.
      ...(retryQueue && { [retry]: consumed(retryQueueName, { DelaySeconds: retryQueue.delay }) }),
      [dead]: {
        Type: 'AWS::SQS::Queue',
        ...policies,
        Properties: {
          QueueName: names.dead,
          ...(fifo && FIFO),
          MaximumMessageSize: MAXIMUM_MESSAGE_SIZE,
          MessageRetentionPeriod: 14 * DAY,
          ReceiveMessageWaitTimeSeconds: 20,
          SqsManagedSseEnabled: true,
          // By name: the queues refer to this one, and CloudFormation knows no circles.
          RedriveAllowPolicy: {
            redrivePermission: 'byQueue',
            sourceQueueArns: [names.main, ...(retryQueue ? [retryQueueName] : [])].map((source) => ({
              'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:${source}`,
            })),
          },
        },
      },
      [`${id}QueuePolicy`]: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: all.map((queue) => ({ Ref: queue })),
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              ...all.map((queue) => ({
                Sid: `TlsOnly${queue}`,
                Effect: 'Deny',
                Principal: '*',
                Action: 'sqs:*',
                Resource: arnOf(queue),
                Condition: { Bool: { 'aws:SecureTransport': 'false' } },
              })),
              ...(topic === undefined ? [] : deliveryStatements([main, dead], topic)),
            ],
          },
        },
      },
    },
    Outputs: {
      ...Object.fromEntries(all.map((queue) => [`${queue}Url`, { Value: { Ref: queue } }])),
    },
  };
}

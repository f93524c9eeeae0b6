import { arnOf, logicalId } from './names.js';
import { readService } from './service.js';

/**
 * What is read of a queue's declaration.
 *
 * @typedef {Pick<import('./declarations.js').QueueDeclaration, 'topic' | 'filter' | 'filterScope'>} Subscriber
 */

/**
 * Called by the framework for `${file(infra/topics.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function template(framework) {
  const { prefix, topics, queues } = await readService(framework);
  return topicsTemplate(prefix, topics, queues);
}

/**
 * Topics by their short name, each with its policy, and the subscription of each queue that names one of them.
 *
 * @param {string} prefix
 * @param {readonly string[]} topics
 * @param {Record<string, Subscriber & { timeout: number }>} queues by short name
 */
export function topicsTemplate(prefix, topics, queues) {
  const parts = topics.map((name) => oneTopic(`${logicalId(name)}Topic`, `${prefix}-${name}`));
  const subscriptions = Object.entries(queues).flatMap(([name, queue]) =>
    queue.topic === undefined ? [] : [subscription(logicalId(name), queue.topic, queue)],
  );
  return {
    Resources: Object.assign({}, ...parts.map((part) => part.Resources), ...subscriptions),
    Outputs: Object.assign({}, ...parts.map((part) => part.Outputs)),
  };
}

/** @param {string} id @param {string} topicName */
function oneTopic(id, topicName) {
  const topic = { Ref: id };
  return {
    Resources: {
      [id]: {
        Type: 'AWS::SNS::Topic',
        // AWS's own key for SNS costs nothing while idle, and whoever in the account may publish may use it. AWS services
        // and other accounts may not: they would need a key of ours. Queues that SQS encrypts itself need no key.
        Properties: { TopicName: topicName, KmsMasterKeyId: 'alias/aws/sns' },
      },
      [`${id}Policy`]: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [topic],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
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
      },
    },
    Outputs: { [`${id}Arn`]: { Value: topic } },
  };
}

/**
 * Raw delivery: the queue gets the message as it was published, and its attributes. What SNS cannot deliver goes to the
 * queue's dead-letter queue; without that SNS would discard it.
 *
 * @param {string} id of the queue, without its suffix
 * @param {string} topic
 * @param {Subscriber} queue
 */
function subscription(id, topic, { filter, filterScope }) {
  return {
    [`${id}Subscription`]: {
      Type: 'AWS::SNS::Subscription',
      // Before the policy is there, SNS may not send, and does not try again [SNS: client-side errors].
      DependsOn: [`${id}QueuePolicy`],
      Properties: {
        TopicArn: topicRef(topic),
        Protocol: 'sqs',
        Endpoint: arnOf(`${id}Queue`),
        RawMessageDelivery: true,
        ...(filter && { FilterPolicyScope: filterScope ?? 'MessageBody', FilterPolicy: filter }),
        RedrivePolicy: { deadLetterTargetArn: arnOf(`${id}DeadLetterQueue`) },
      },
    },
  };
}

/** @param {string} topic short name */
const topicRef = (topic) => ({ Ref: `${logicalId(topic)}Topic` });

/**
 * The statements of a queue's policy that let its topic send to the queue, and to its dead-letter queue what cannot be
 * delivered. Only this topic, because SNS acts for every account [AWS: the confused deputy problem].
 *
 * @param {readonly string[]} queues logical ids
 * @param {string} topic short name
 */
export function deliveryStatements(queues, topic) {
  return queues.map((queue) => ({
    Sid: `TopicSends${queue}`,
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arnOf(queue),
    Condition: { ArnEquals: { 'aws:SourceArn': topicRef(topic) } },
  }));
}

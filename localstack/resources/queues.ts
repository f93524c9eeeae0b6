import type { SqsService } from '../sqs/service.ts';
import { type Creator, generatedName, noteIgnored } from '../template/creation.ts';

const ATTRIBUTES = [
  'VisibilityTimeout',
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
];

/** AWS::SQS::Queue. */
export function queueCreator(sqs: SqsService, endpointHost: string, stackName: string): Creator {
  return async ({ id, properties }, note) => {
    const suffix = properties.FifoQueue ? '.fifo' : '';
    const name = properties.QueueName ?? `${generatedName(stackName, id)}${suffix}`;
    const attributes = Object.fromEntries(
      ATTRIBUTES.filter((attribute) => properties[attribute] !== undefined).map((attribute) => [
        attribute,
        asText(properties[attribute]),
      ]),
    );
    const body = {
      QueueName: name,
      Attributes: attributes,
    };
    const { QueueUrl } = await sqs.execute('CreateQueue', body, { host: endpointHost, isGone: () => false });
    const queue = sqs.store.getQueue(String(QueueUrl));
    noteIgnored(properties, [...ATTRIBUTES, 'QueueName', 'Tags'], note);
    const Arn = queue?.arn ?? '';
    return { ref: String(QueueUrl), attributes: { Arn, QueueName: name, QueueUrl: String(QueueUrl) } };
  };
}

const asText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

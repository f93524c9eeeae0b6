import type { SqsService } from '../sqs/service.ts';
import { type Creator, generatedName, noteIgnored } from '../template/creation.ts';
import { TemplateError } from '../template/template.ts';

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
/** The default of a queue on AWS [SQS quotas]. fauxqs uses the largest instead. */
const DEFAULT_MAXIMUM_MESSAGE_SIZE = '262144';

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
    checkRedrive(id, name, properties.RedrivePolicy);
    const body = {
      QueueName: name,
      Attributes: { MaximumMessageSize: DEFAULT_MAXIMUM_MESSAGE_SIZE, ...attributes },
    };
    const { QueueUrl } = await sqs.execute('CreateQueue', body, { host: endpointHost, isGone: () => false });
    const queue = sqs.store.getQueue(String(QueueUrl));
    noteIgnored(properties, [...ATTRIBUTES, 'QueueName', 'Tags'], note);
    const Arn = queue?.arn ?? '';
    return { ref: String(QueueUrl), attributes: { Arn, QueueName: name, QueueUrl: String(QueueUrl) } };
  };
}

/** SQS refuses a DLQ of the other kind (FIFO or standard), and receive counts outside of 1 to 1,000. */
function checkRedrive(
  id: string,
  name: string,
  policy: { deadLetterTargetArn?: string; maxReceiveCount?: number } | undefined,
) {
  if (!policy) return;
  const count = Number(policy.maxReceiveCount);
  if (!(Number.isInteger(count) && count >= 1 && count <= 1000)) {
    throw new TemplateError(`${id}: maxReceiveCount ${policy.maxReceiveCount} is out of range: 1 to 1000.`);
  }
  if (String(policy.deadLetterTargetArn).endsWith('.fifo') !== name.endsWith('.fifo')) {
    throw new TemplateError(
      `${id}: the dead-letter queue of a FIFO queue must be FIFO, and of a standard queue standard.`,
    );
  }
}

const asText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

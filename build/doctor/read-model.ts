import { type Created, Intrinsics } from '../../localstack/template/intrinsics.ts';
import { type Resource, type Template, TemplateError } from '../../localstack/template/template.ts';
import type { Consumer, LambdaFunction, Mapping, Model, Queue, RetryQueue, Table, Unknown, Webhooks } from './model.ts';
import { PropertyReader, UNTOLD } from './properties.ts';
import { watchedQueues } from './read-alarms.ts';
import { type Find, finder } from './read-references.ts';
import { queuesSentTo } from './read-roles.ts';
import { subscriptionsOf } from './read-subscriptions.ts';

const DAY = 86_400;
/** No rule depends on these values. They only make references to them resolve. */
const PSEUDO = { region: 'region', accountId: '000000000000', stackName: 'stack' };

/** Reads the model of a template. Resources whose condition does not hold are left out. */
export function readModel(template: Template): Model {
  const unknown: Unknown[] = [];
  const intrinsics = new Intrinsics(template, createdAsIds(template), PSEUDO);
  const readers = (type: string) =>
    Object.entries(template.Resources)
      .filter(([id, resource]) => resource.Type === type && exists(id, resource, intrinsics))
      .map(([id, resource]) => [id, new PropertyReader(id, resource.Properties, intrinsics, unknown)] as const);
  const metadata = (id: string) => new PropertyReader(id, template.Resources[id], intrinsics, unknown);

  const find = finder(template, intrinsics);
  const queues = byId(readers('AWS::SQS::Queue').map(([id, read]) => queue(id, read, metadata(id), find)));
  const roles = new Map(readers('AWS::IAM::Role'));
  const functions = byId(readers('AWS::Lambda::Function').map(([id, read]) => lambdaFunction(id, read, roles, find)));
  const tables = byId(readers('AWS::DynamoDB::Table').map(([id, read]) => table(id, read)));
  const mappings = readers('AWS::Lambda::EventSourceMapping')
    .map(([id, read]) => mapping(id, read, find))
    .filter(({ queue: source }) => queues.has(source) || source.includes(':sqs:'));
  const consumers = mappings.flatMap((each): Consumer[] => {
    const [source, worker] = [queues.get(each.queue), functions.get(each.function)];
    return source && worker ? [{ mapping: each, queue: source, worker }] : [];
  });
  const alarms = readers('AWS::CloudWatch::Alarm').map(([, read]) => read);
  const policies = readers('AWS::SQS::QueuePolicy').map(([, read]) => read);
  const subscriptions = subscriptionsOf(readers('AWS::SNS::Subscription'), policies, find);
  const watched = watchedQueues(alarms, find);
  return { queues, functions, tables, mappings, consumers, subscriptions, watched, unknown };
}

/** Every reference to a resource, `Ref` or `Fn::GetAtt`, is resolved to its logical id. */
function createdAsIds(template: Template): Map<string, Created> {
  const asId = (id: string) => ({ ref: id, attributes: { Arn: id, QueueName: id, QueueUrl: id, TopicName: id } });
  return new Map(Object.keys(template.Resources).map((id) => [id, asId(id)]));
}

/** Whether the resource may exist. A condition that cannot be decided here counts as true. */
function exists(id: string, { Condition }: Resource, intrinsics: Intrinsics): boolean {
  try {
    return Condition === undefined || intrinsics.holds(Condition, id);
  } catch (error) {
    if (error instanceof TemplateError) return true;
    throw error;
  }
}

const byId = <Item extends { id: string }>(items: Item[]): Map<string, Item> =>
  new Map(items.map((item) => [item.id, item]));

/** Defaults: AWS::SQS::Queue in the CloudFormation reference. */
function queue(id: string, read: PropertyReader, resource: PropertyReader, find: Find): Queue {
  const target = read.value('RedrivePolicy.deadLetterTargetArn');
  return {
    id,
    name: read.text('QueueName'),
    fifo: read.flag('FifoQueue'),
    visibilitySeconds: read.whole('VisibilityTimeout', 30),
    retentionSeconds: read.whole('MessageRetentionPeriod', 4 * DAY),
    delaySeconds: read.whole('DelaySeconds', 0),
    waitSeconds: read.whole('ReceiveMessageWaitTimeSeconds', 0),
    maximumMessageBytes: read.whole('MaximumMessageSize', 1_048_576),
    redrive:
      target === undefined
        ? undefined
        : { target: find(textOf(target)), maxReceiveCount: read.whole('RedrivePolicy.maxReceiveCount', Number.NaN) },
    expected: {
      jobSeconds: resource.number('Metadata.Sluice.JobSeconds', Number.NaN),
      messageBytes: resource.number('Metadata.Sluice.MessageBytes', Number.NaN),
    },
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Defaults: AWS::Lambda::Function in the CloudFormation reference. */
function lambdaFunction(
  id: string,
  read: PropertyReader,
  roles: ReadonlyMap<string, PropertyReader>,
  find: Find,
): LambdaFunction {
  const loop = read.value('RecursiveLoop') ?? 'Terminate';
  return {
    id,
    timeoutSeconds: read.whole('Timeout', 3),
    reservedConcurrency: read.whole('ReservedConcurrentExecutions', Number.NaN),
    resultTtlDays: read.number('Environment.Variables.RESULT_TTL_DAYS', Number.NaN),
    workerConcurrency: read.whole('Environment.Variables.WORKER_CONCURRENCY', Number.NaN),
    maxReceiveCount: read.whole('Environment.Variables.MAX_RECEIVE_COUNT', Number.NaN),
    visibilitySeconds: read.whole('Environment.Variables.VISIBILITY_TIMEOUT', Number.NaN),
    retryQueue: retryQueue(read, find),
    keepsContract: read.text('Environment.Variables.TABLE_KEY') === 'message_id',
    table: find(read.text('Environment.Variables.TABLE_NAME')) || undefined,
    recursiveLoop: loop === UNTOLD ? undefined : String(loop),
    sendsTo: queuesSentTo(roles.get(find(read.text('Role'))), find),
    webhooks: webhooks(read),
    memoryMb: read.whole('MemorySize', 128),
    payloads: {
      maxBytes: read.whole('Environment.Variables.MAX_PAYLOAD_BYTES', Number.NaN),
      retentionDays: read.number('Environment.Variables.PAYLOAD_RETENTION_DAYS', Number.NaN),
    },
  };
}

function retryQueue(read: PropertyReader, find: Find): RetryQueue | undefined {
  const queue = find(read.text('Environment.Variables.RETRY_QUEUE_URL'));
  if (queue === '') return undefined;
  return { queue, delaySeconds: read.whole('Environment.Variables.RETRY_QUEUE_DELAY', Number.NaN) };
}

function webhooks(read: PropertyReader): Webhooks {
  const hosts = read.text('Environment.Variables.WEBHOOK_ALLOWED_HOSTS') ?? '';
  const secrets = read.value('Environment.Variables.WEBHOOK_SECRETS') ?? '';
  return {
    allowedHosts: hosts.split(',').flatMap((host) => host.trim() || []),
    reachPrivate: read.text('Environment.Variables.WEBHOOK_PRIVATE_ADDRESSES') === 'allow',
    signed: secrets !== '',
  };
}

function table(id: string, read: PropertyReader): Table {
  return {
    id,
    isProtected: read.flag('DeletionProtectionEnabled'),
    expires: read.flag('TimeToLiveSpecification.Enabled'),
  };
}

/** Defaults: CreateEventSourceMapping for Amazon SQS. */
function mapping(id: string, read: PropertyReader, find: Find): Mapping {
  const responses = read.value('FunctionResponseTypes');
  return {
    id,
    queue: find(read.text('EventSourceArn')),
    function: find(read.text('FunctionName')),
    batchSize: read.whole('BatchSize', 10),
    windowSeconds: read.whole('MaximumBatchingWindowInSeconds', 0),
    maximumConcurrency: read.whole('ScalingConfig.MaximumConcurrency', Number.NaN),
    provisioned: read.value('ProvisionedPollerConfig') !== undefined,
    reportsFailures:
      responses === UNTOLD || (Array.isArray(responses) && responses.includes('ReportBatchItemFailures')),
    filters: read.value('FilterCriteria') !== undefined,
  };
}

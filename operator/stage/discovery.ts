import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { UsageError } from '../ending/exit.ts';
import type { Records } from './ledger.ts';
import type { QueueOfStage, Stage } from './stage.ts';

/** The service's name in `serverless.yml`; its stacks are called `<service>-<stage>`. */
const SERVICE = 'sluice';
/** The logical id that `infra/tables.js` gives it. */
const RESULTS_TABLE = 'ResultsTable';

interface Resource {
  readonly id: string;
  readonly type: string;
  /** The physical id: a queue's URL, a table's name. */
  readonly ref: string;
}

/** A queue and where SQS itself moves its messages. */
interface Redriven {
  readonly url: string;
  readonly arn: string;
  readonly target: string | undefined;
  readonly maxReceiveCount: number | undefined;
  readonly maximumMessageBytes?: number | undefined;
}

/**
 * Reads the queues, the topics, the tables (by logical id) and the store from the stage's stack. Names would not do: the queues of stage `a` and stage `a-b`
 * begin alike.
 *
 * @throws CloudFormation's ValidationError where there is no such stack
 */
export async function discover(
  stage: string,
  { sqs, cloudformation }: { sqs: SQSClient; cloudformation: CloudFormationClient },
): Promise<
  Pick<Stage, 'queues' | 'topics' | 'tableName'> &
    Pick<Records, 'store'> & { readonly tables: ReadonlyMap<string, string> }
> {
  const stack = stackNameOf(stage);
  const [resources, store] = await Promise.all([resourcesOf(cloudformation, stack), storeOf(cloudformation, stack)]);
  const table = resources.find(({ id, type }) => id === RESULTS_TABLE && type === 'AWS::DynamoDB::Table');
  if (!table) throw new UsageError(`the stack ${stack} has no ${RESULTS_TABLE}: was it deployed from this project?`);
  const urls = resources.filter(({ type }) => type === 'AWS::SQS::Queue').map(({ ref }) => ref);
  const queues = await Promise.all(urls.map((url) => readQueue(sqs, url)));
  const prefix = `${stack}-`;
  const topics = resources.flatMap(({ type, ref }) =>
    type === 'AWS::SNS::Topic' ? [{ name: withoutPrefix(lastPart(ref), prefix), arn: ref }] : [],
  );
  const tables = new Map(
    resources.filter(({ type }) => type === 'AWS::DynamoDB::Table').map(({ id, ref }) => [id, ref]),
  );
  return {
    queues: await arrange(queues, prefix, (arn) => urlOf(sqs, arn)),
    topics,
    tableName: table.ref,
    tables,
    store,
  };
}

export const stackNameOf = (stage: string): string => `${SERVICE}-${stage}`;

/**
 * Assigns dead-letter queues to the queues whose messages end there. Where main queue and retry queue share a DLQ, or stand in
 * a row before it, the DLQ belongs to the main queue, where a message started.
 *
 * @param urlOf finds a dead-letter queue that is not among the queues
 */
export async function arrange(
  queues: readonly Redriven[],
  prefix: string,
  urlOf: (arn: string) => Promise<string>,
): Promise<QueueOfStage[]> {
  const byArn = new Map(queues.map((queue) => [queue.arn, queue]));
  const targets = new Set(queues.map(({ target }) => target));
  const named = new Set(queues.map(({ arn, target }) => `${lastPart(arn)} ${target}`));
  const isRetryQueue = ({ arn, target }: Redriven) => {
    const [, main] = /^(.+)-retry$/.exec(lastPart(arn)) ?? [];
    return main !== undefined && named.has(`${main} ${target}`);
  };
  const consumed = queues.filter(({ arn, target }) => target !== undefined || !targets.has(arn));
  return Promise.all(
    consumed.map(async (queue) => {
      const { url, arn, target, maxReceiveCount, maximumMessageBytes } = queue;
      const isSecond = targets.has(arn) || isRetryQueue(queue);
      const end = target === undefined || isSecond ? undefined : endOf(target, byArn);
      const name = lastPart(arn);
      return {
        name: withoutPrefix(name, prefix),
        url,
        arn,
        fifo: name.endsWith('.fifo'),
        deadLetters: end === undefined ? undefined : { arn: end, url: byArn.get(end)?.url ?? (await urlOf(end)) },
        maxReceiveCount,
        ...(maximumMessageBytes !== undefined && { maximumMessageBytes }),
      };
    }),
  );
}

/** Follows redrive policies to the last queue. Policies may form a ring. */
function endOf(arn: string, byArn: ReadonlyMap<string, Redriven>): string {
  const seen = new Set<string>();
  let end = arn;
  for (;;) {
    const next = byArn.get(end)?.target;
    if (next === undefined || seen.has(next)) return end;
    seen.add(end);
    end = next;
  }
}

async function resourcesOf(client: CloudFormationClient, stack: string): Promise<Resource[]> {
  const resources: Resource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stack })) {
    for (const {
      LogicalResourceId = '',
      ResourceType = '',
      PhysicalResourceId: ref,
      ResourceStatus,
    } of StackResourceSummaries) {
      // A resource that could not be created, or is deleted, is still listed.
      if (ref && ResourceStatus !== 'DELETE_COMPLETE')
        resources.push({ id: LogicalResourceId, type: ResourceType, ref });
    }
  }
  return resources;
}

/** Of infra/tables.js. */
async function storeOf(client: CloudFormationClient, stack: string): Promise<string | undefined> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'Store')?.OutputValue;
}

/** A queue as SQS knows it, of this stage or another. */
export async function readQueue(sqs: SQSClient, QueueUrl: string): Promise<Redriven> {
  const AttributeNames = ['QueueArn', 'RedrivePolicy', 'MaximumMessageSize'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
  );
  const policy = JSON.parse(Attributes.RedrivePolicy ?? '{}') as {
    deadLetterTargetArn?: string;
    maxReceiveCount?: number;
  };
  return {
    url: QueueUrl,
    arn: Attributes.QueueArn ?? '',
    target: policy.deadLetterTargetArn,
    maxReceiveCount: policy.maxReceiveCount === undefined ? undefined : Number(policy.maxReceiveCount),
    maximumMessageBytes: Number(Attributes.MaximumMessageSize) || undefined,
  };
}

/** The URL of a queue of the same account or another one: the ARN says which. */
export async function urlOf(sqs: SQSClient, arn: string): Promise<string> {
  const [account, QueueName] = arn.split(':').slice(-2);
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId: account }));
  return QueueUrl;
}

const withoutPrefix = (name: string, prefix: string): string =>
  name.startsWith(prefix) ? name.slice(prefix.length) : name;

/** A queue's full name. */
export const lastPart = (arn = ''): string => arn.split(':').at(-1) ?? '';

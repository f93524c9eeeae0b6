import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { queuesTemplate } from '../infra/queues.js';
import { type Cloud, startCloud } from '../localstack/cloud.ts';

/**
 * One AWS account for each Jest worker: DynamoDB Local and MiniStack take the access key for it, so the table's one name
 * does not clash in a server that tests share.
 */
const ACCOUNT = (process.env.JEST_WORKER_ID ?? '1').padStart(12, '0');
export const LOCATION = { region: 'us-east-1', credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'test' } };
const QUEUES = { jobs: { timeout: 5, maxReceiveCount: 5 } };
const TABLE = {
  TableName: 'results',
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [{ AttributeName: 'JobID', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'JobID', AttributeType: 'S' as const }],
};

/** A queue, its DLQ and the table `results`, empty, in some implementation of SQS and DynamoDB. */
export interface Backend {
  readonly endpoints: Endpoints;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  close(): Promise<void>;
}

export interface Endpoints {
  readonly sqs: string;
  readonly dynamodb: string;
}

/** What the cloud suite's Jest projects set, to run tests against another implementation than the embedded cloud. */
export function endpointsOfProject(): Endpoints | undefined {
  return (globalThis as { sluiceEndpoints?: Endpoints }).sluiceEndpoints;
}

/** An embedded cloud of the test's own. */
export async function embedded(
  tableLimits?: Cloud['tableLimits'],
  { fifo = false }: { fifo?: boolean } = {},
): Promise<Backend & { cloud: Cloud }> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-world-'));
  const template = join(folder, 'template.json');
  const { Resources } = queuesTemplate('sluice-test', { jobs: { ...QUEUES.jobs, fifo } });
  const ResultsTable = {
    Type: 'AWS::DynamoDB::Table',
    Properties: { ...TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } },
  };
  writeFileSync(template, JSON.stringify({ Resources: { ...Resources, ResultsTable } }));
  const cloud = await startCloud({ template, port: 0, ...(tableLimits && { tableLimits }) });
  rmSync(folder, { recursive: true });
  const of = (name: string) => `${cloud.endpoint}/000000000000/sluice-test-${name}${fifo ? '.fifo' : ''}`;
  return {
    cloud,
    endpoints: { sqs: cloud.endpoint, dynamodb: cloud.endpoint },
    queueUrl: of('jobs'),
    deadLetterQueueUrl: of('jobs-dlq'),
    close: () => cloud.close(),
  };
}

/** Queues and table of the test's own in a server that tests share. */
export async function elsewhere(endpoints: Endpoints): Promise<Backend> {
  const sqs = new SQSClient({ ...LOCATION, endpoint: endpoints.sqs });
  const dynamodb = new DynamoDBClient({ ...LOCATION, endpoint: endpoints.dynamodb });
  const { JobsQueue } = queuesTemplate('sluice-test', QUEUES).Resources;
  const { VisibilityTimeout, RedrivePolicy } = JobsQueue.Properties;
  const name = `sluice-test-${randomUUID()}`;

  const create = async (QueueName: string, Attributes: Record<string, string>): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl as string;
  };
  const deadLetterQueueUrl = await create(`${name}-dlq`, {});
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterQueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const queueUrl = await create(name, {
    VisibilityTimeout: String(VisibilityTimeout),
    RedrivePolicy: JSON.stringify({ ...RedrivePolicy, deadLetterTargetArn: Attributes.QueueArn }),
  });
  await dynamodb.send(new CreateTableCommand(TABLE));

  return {
    endpoints,
    queueUrl,
    deadLetterQueueUrl,
    async close() {
      for (const QueueUrl of [queueUrl, deadLetterQueueUrl]) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      await dynamodb.send(new DeleteTableCommand({ TableName: TABLE.TableName }));
      sqs.destroy();
      dynamodb.destroy();
    },
  };
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@aws-lambda-powertools/logger';
import { type Message, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { queuesTemplate } from '../infra/queues.js';
import { type Cloud, startCloud } from '../localstack/cloud.ts';
import { toRecord } from '../localstack/mapping/record.ts';
import { type Clients, createClients } from '../src/clients.ts';
import type { Environment } from '../src/env.ts';
import type { AnyJobType } from '../src/job.ts';
import { Report } from '../src/report.ts';
import { createWorker, type Worker } from '../src/worker.ts';

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const TABLE = {
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'results',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'JobID', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'JobID', AttributeType: 'S' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  },
};

export type Item = Record<string, unknown> & { JobID: string };

/** A queue, its DLQ and a results table behind the real SDK, without any function: the test is the poller. */
export interface World {
  readonly cloud: Cloud;
  readonly clients: Clients;
  readonly environment: Environment;
  close(): Promise<void>;
  /** Clients of the same cloud with another request handler or other options. */
  clientsWith(options: object): Clients;
  worker(jobs: Record<string, AnyJobType>, overrides?: Partial<WorldWorkerOptions>): TestWorker;
  send(bodies: readonly (string | object)[], attributes?: object): Promise<void>;
  /** Receives what is visible now, as Lambda would hand it out. */
  receive(count?: number): Promise<SQSRecord[]>;
  deadLetters(): Promise<Message[]>;
  items(): Promise<Map<string, Item>>;
}

interface WorldWorkerOptions {
  environment: Partial<Environment>;
  clients: Clients;
  now: () => number;
  settings: unknown;
}

/** Runs a batch as the function would. @returns the ids reported as failed, and the report */
export type TestWorker = (
  records: readonly SQSRecord[],
  options?: { remainingMs?: number },
) => Promise<{ failed: string[]; report: Report }>;

export async function startWorld({ tableLimits }: { tableLimits?: Cloud['tableLimits'] } = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-world-'));
  const template = join(folder, 'template.json');
  const queues = queuesTemplate('sluice-test', { jobs: { functionTimeout: 5, maxReceiveCount: 5 } });
  writeFileSync(template, JSON.stringify({ Resources: { ...queues.Resources, ResultsTable: TABLE } }));
  const cloud = await startCloud({ template, port: 0, ...(tableLimits && { tableLimits }) });
  rmSync(folder, { recursive: true });

  const location = { endpoint: cloud.endpoint, region: 'us-east-1', credentials: CREDENTIALS };
  const sqs = new SQSClient(location);
  const clientsWith = (options: object): Clients => {
    return createClients({ ...location, ...options });
  };
  const clients = clientsWith({});
  const documents = DynamoDBDocumentClient.from(clients.dynamodb);
  const queueUrl = `${cloud.endpoint}/000000000000/sluice-test-jobs`;
  const environment: Environment = {
    stage: 'test',
    tableName: 'results',
    queueUrl,
    deadLetterQueueUrl: `${queueUrl}-dlq`,
    maxReceiveCount: 5,
    concurrency: 10,
    resultTtlDays: 30,
    logLevel: 'ERROR',
  };

  const receiveAll = async (url: string, most: number): Promise<Message[]> => {
    const all: Message[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: Math.min(10, most - all.length),
          WaitTimeSeconds: 0,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      all.push(...Messages);
      if (Messages.length === 0 || all.length >= most) return all;
    }
  };

  return {
    cloud,
    clients,
    environment,
    clientsWith,
    async close() {
      clients.dynamodb.destroy();
      sqs.destroy();
      await cloud.close();
    },
    worker(jobs, overrides = {}) {
      const configured = Object.entries(jobs).map(
        ([name, type]) => [name, { type, settings: overrides.settings }] as const,
      );
      const log = new Logger({ logLevel: 'SILENT' });
      const worker = createWorker({
        environment: { ...environment, ...overrides.environment },
        clients: overrides.clients ?? clients,
        jobs: new Map(configured),
        log,
        ...(overrides.now && { now: overrides.now }),
      });
      return (records, { remainingMs = 10_000 } = {}) => invoke(worker, records, remainingMs);
    },
    async send(bodies, attributes) {
      for (let i = 0; i < bodies.length; i += 10) {
        const Entries = bodies.slice(i, i + 10).map((body, n) => ({
          Id: String(n),
          MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
          ...attributes,
        }));
        const { Failed } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
        if (Failed?.length) throw new Error(JSON.stringify(Failed));
      }
    },
    async receive(count = 10_000) {
      const messages = await receiveAll(queueUrl, count);
      const mapping = { queueArn: 'arn:aws:sqs:us-east-1:000000000000:sluice-test-jobs', region: 'us-east-1' };
      return messages.map((message) => JSON.parse(toRecord(message, mapping, Date.now()).json) as SQSRecord);
    },
    deadLetters: () => receiveAll(environment.deadLetterQueueUrl, 10_000),
    async items() {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: 'results', ConsistentRead: true }));
      return new Map((Items as Item[]).map((item) => [item.JobID, item]));
    },
  };
}

async function invoke(worker: Worker, records: readonly SQSRecord[], remainingMs: number) {
  const report = new Report();
  const end = Date.now() + remainingMs;
  const context = {
    functionName: 'sluice-test-jobs',
    functionVersion: '7',
    awsRequestId: 'request-1',
    getRemainingTimeInMillis: () => end - Date.now(),
    report,
  };
  const settled = await worker({ Records: [...records] } as SQSEvent, context as unknown as Parameters<Worker>[1]);
  const failed = records.filter((_, i) => settled[i]?.status !== 'fulfilled').map(({ messageId }) => messageId);
  return { failed, report };
}

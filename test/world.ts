import { Logger } from '@aws-lambda-powertools/logger';
import { type Message, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSRecord } from 'aws-lambda';
import type { Cloud } from '../localstack/cloud.ts';
import { toRecord } from '../localstack/mapping/record.ts';
import { countsOf } from '../operator/stage/counts.ts';
import { type Clients, createClients } from '../src/aws/clients.ts';
import { type Clock, SYSTEM_CLOCK } from '../src/chains/clock.ts';
import { configured } from '../src/chains/configured-jobs.ts';
import { createWorker, type Worker } from '../src/chains/worker.ts';
import type { Environment } from '../src/env.ts';
import type { AnyJobType } from '../src/job.ts';
import { DynamoDbStore } from '../src/ledger/dynamodb/store.ts';
import { fifoQueue } from '../src/queues/fifo-queue.ts';
import { Report } from '../src/telemetry/report.ts';
import { elsewhere, embedded, endpointsOfProject, LOCATION } from './backend.ts';
import { lambdaContext } from './job-context.ts';

export type Item = Record<string, unknown> & { JobID: string };

/** A queue, its DLQ and a results table behind the real SDK, without any function: the test is the poller. */
export interface World {
  readonly clients: Clients;
  readonly environment: Environment;
  close(): Promise<void>;
  /** Clients of the same queues and table with another request handler or other options. */
  clientsWith(options: object): Clients;
  worker(jobs: Record<string, AnyJobType>, overrides?: Partial<WorldWorkerOptions>): TestWorker;
  send(bodies: readonly (string | object)[], attributes?: object): Promise<void>;
  /** Receives what is visible now, as Lambda would hand it out. */
  receive(count?: number): Promise<SQSRecord[]>;
  deadLetters(): Promise<Message[]>;
  /** How many messages the queue holds: waiting, received, or delayed. */
  held(): Promise<number>;
  items(): Promise<Map<string, Item>>;
}

interface WorldWorkerOptions {
  environment: Partial<Environment>;
  clients: Clients;
  clock: Partial<Clock>;
  settings: unknown;
  log: Logger;
}

interface WorldOptions {
  tableLimits?: Cloud['tableLimits'];
  /** The queue and its DLQ are FIFO queues, and so is the workers' strategy. */
  fifo?: boolean;
}

/** Runs a batch as the function would. @returns the ids reported as failed, and the report */
export type TestWorker = (
  records: readonly SQSRecord[],
  options?: { remainingMs?: number },
) => Promise<{ failed: string[]; report: Report }>;

/**
 * In the embedded cloud, or in what the cloud suite names.
 *
 * @param tableLimits and FIFO queues: only the embedded cloud has them here
 */
export async function startWorld({ tableLimits, fifo = false }: WorldOptions = {}): Promise<World> {
  const endpoints = endpointsOfProject();
  const isElsewhere = endpoints !== undefined && !tableLimits && !fifo;
  const backend = isElsewhere ? await elsewhere(endpoints) : await embedded(tableLimits, { fifo });
  const { queueUrl, deadLetterQueueUrl } = backend;
  const sqs = new SQSClient({ ...LOCATION, endpoint: backend.endpoints.sqs });
  const clientsWith = (options: object): Clients => {
    const of = (endpoint: string) => createClients({ ...LOCATION, endpoint, ...options });
    return { dynamodb: of(backend.endpoints.dynamodb).dynamodb, sqs: of(backend.endpoints.sqs).sqs };
  };
  const clients = clientsWith({});
  const documents = DynamoDBDocumentClient.from(clients.dynamodb);
  const environment: Environment = {
    stage: 'test',
    tableName: 'results',
    queueUrl,
    deadLetterQueueUrl,
    defaultType: 'triple',
    maxReceiveCount: 5,
    visibilityTimeout: 30,
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
    clients,
    environment,
    clientsWith,
    async close() {
      clients.dynamodb.destroy();
      sqs.destroy();
      await backend.close();
    },
    worker(jobs, overrides = {}) {
      const entries = Object.entries(jobs).map(([name, type]) => [name, configured(type, overrides.settings)] as const);
      const log = new Logger({ logLevel: 'SILENT' });
      const worker = createWorker({
        environment: { ...environment, ...overrides.environment },
        store: new DynamoDbStore((overrides.clients ?? clients).dynamodb, environment.tableName),
        sqs: (overrides.clients ?? clients).sqs,
        jobs: new Map(entries),
        ...(fifo && { strategy: fifoQueue }),
        log: overrides.log ?? log,
        clock: { ...SYSTEM_CLOCK, ...overrides.clock },
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
      const mapping = {
        queueArn: `arn:aws:sqs:us-east-1:000000000000:sluice-test-jobs${fifo ? '.fifo' : ''}`,
        region: 'us-east-1',
      };
      return messages.map((message) => JSON.parse(toRecord(message, mapping, Date.now()).json) as SQSRecord);
    },
    deadLetters: () => receiveAll(deadLetterQueueUrl, 10_000),
    async held() {
      const { waiting, inFlight, delayed } = await countsOf(sqs, queueUrl);
      return waiting + inFlight + delayed;
    },
    async items() {
      const { Items = [] } = await documents.send(new ScanCommand({ TableName: 'results', ConsistentRead: true }));
      return new Map((Items as Item[]).map((item) => [item.JobID, item]));
    },
  };
}

async function invoke(worker: Worker, records: readonly SQSRecord[], remainingMs: number) {
  const report = new Report(records.length);
  const settled = await worker({ Records: [...records] }, { ...lambdaContext(remainingMs), report });
  const failed = records.filter((_, i) => settled[i]?.status !== 'fulfilled').map(({ messageId }) => messageId);
  return { failed, report };
}

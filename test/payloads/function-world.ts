import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Message, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, type CloudOptions, startCloud } from '../../localstack/cloud.ts';

const PACKAGE = '.sluice/test';
const TEMPLATE = 'cloudformation-template-update-stack.json';
export const NAME = 'sluice-test-documents';

/** The packaged function `documents` in a cloud of its own. */
export interface FunctionWorld extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly bucket: string;
  /** The function's log. */
  readonly lines: string[];
  put(key: string, body: string | Uint8Array): Promise<void>;
  send(body: string, size?: number): Promise<void>;
  invoke(records: readonly object[]): Promise<{ batchItemFailures: { itemIdentifier: string }[] }>;
  /** The stored result of a job, once there is one. */
  result(jobId: string): Promise<unknown>;
  hasResult(jobId: string): Promise<boolean>;
  /** A dead letter, once there is one. */
  letter(): Promise<Message & { reason: { errorClass: string; message: string; jobId: string | null } }>;
  /** The JSON lines of one action. */
  logged(action: string): { details: Record<string, unknown> }[];
}

/**
 * The package with more time for the function, and for its queue, than other tests want: how long S3 takes must not depend on
 * how busy the machine is.
 */
function packaged(folder: string): string {
  cpSync(PACKAGE, folder, { recursive: true });
  const file = join(folder, TEMPLATE);
  const template = JSON.parse(readFileSync(file, 'utf8'));
  template.Resources.DocumentsLambdaFunction.Properties.Timeout = 10;
  template.Resources.DocumentsQueue.Properties.VisibilityTimeout = 61;
  writeFileSync(file, JSON.stringify(template));
  return file;
}

/** @param environment of the function, besides the template's */
export async function functionWorld(
  environment: Record<string, string> = {},
  options: Partial<CloudOptions> = {},
): Promise<FunctionWorld> {
  const lines: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-payloads-'));
  const cloud = await startCloud({
    template: packaged(folder),
    port: 0,
    environment: { [NAME]: { VISIBILITY_TIMEOUT: '61', ...environment } },
    onLog: (line, name) => name === NAME && lines.push(line),
    ...options,
  });
  const location = {
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const clients = {
    sqs: new SQSClient(location),
    dynamodb: new DynamoDBClient(location),
    lambda: new LambdaClient(location),
    s3: new S3Client({ ...location, forcePathStyle: true }),
  };
  const bucket = cloud.stack.outputs.find(({ key }) => key === 'PayloadsBucketName')?.value ?? '';
  const QueueUrl = `${cloud.endpoint}/000000000000/${NAME}`;
  const itemOf = async (id: string) =>
    (
      await clients.dynamodb.send(
        new GetItemCommand({
          TableName: 'job-results-outbox-v1-test',
          Key: { JobID: { S: id } },
          ConsistentRead: true,
        }),
      )
    ).Item;
  return {
    cloud,
    bucket,
    lines,
    async put(Key, Body) {
      await clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    },
    async send(MessageBody, size) {
      const MessageAttributes = size === undefined ? {} : { ExtendedPayloadSize: sizeAttribute(size) };
      await clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
    },
    async invoke(Records) {
      const Payload = JSON.stringify({ Records });
      const answer = await clients.lambda.send(new InvokeCommand({ FunctionName: NAME, Payload }));
      const text = Buffer.from(answer.Payload ?? []).toString();
      if (answer.FunctionError) throw new Error(text);
      return JSON.parse(text);
    },
    result: (id) => until(async () => (await itemOf(id))?.Result),
    hasResult: async (id) => (await itemOf(id)) !== undefined,
    letter: () =>
      until(async () => {
        const receive = new ReceiveMessageCommand({
          QueueUrl: `${QueueUrl}-dlq`,
          MessageAttributeNames: ['All'],
          WaitTimeSeconds: 1,
        });
        const [letter] = (await clients.sqs.send(receive)).Messages ?? [];
        const reason = letter?.MessageAttributes?.DeadLetterReason?.StringValue;
        return letter && { ...letter, reason: JSON.parse(reason ?? '{}') };
      }),
    logged: (action) =>
      lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line))
        .filter((line) => line.action === action),
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy();
      await cloud.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let i = 0; i < 600; i++) {
    const found = await look();
    if (found) return found;
    await delay(100);
  }
  throw new Error('waited for a minute in vain');
}

const sizeAttribute = (size: number) => ({ DataType: 'Number', StringValue: String(size) });

/** As the Java client writes it. */
export const pointer = (bucket: string, key: string) =>
  `["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"${bucket}","s3Key":"${key}"}]`;

/** A job of that many bytes. */
export function documentOf(jobId: string, bytes: number): string {
  const empty = JSON.stringify({ job_id: jobId, text: '' });
  return JSON.stringify({
    job_id: jobId,
    text: 'to be or not '.repeat(Math.ceil(bytes / 13)).slice(0, bytes - empty.length),
  });
}

export interface RecordOptions {
  readonly size?: number;
  readonly sentAt?: number;
  readonly receives?: number;
  readonly attributes?: object;
}

/** A record as Lambda delivers it. */
export function record(body: string, { size, sentAt = Date.now(), receives = 1, attributes = {} }: RecordOptions = {}) {
  const number = (value: number) => ({
    stringValue: String(value),
    dataType: 'Number',
    stringListValues: [],
    binaryListValues: [],
  });
  return {
    messageId: randomUUID(),
    receiptHandle: 'not-a-handle',
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: 'x',
      ApproximateFirstReceiveTimestamp: String(Date.now()),
    },
    messageAttributes: { ...(size !== undefined && { ExtendedPayloadSize: number(size) }), ...attributes },
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${NAME}`,
    awsRegion: 'us-east-1',
  };
}

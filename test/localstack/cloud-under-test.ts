import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { type Cloud, type CloudOptions, startCloud } from '../../localstack/cloud.ts';

export interface World extends AsyncDisposable {
  cloud: Cloud;
  sqs: SQSClient;
  dynamodb: DynamoDBClient;
  logs: string[];
  queueUrl(name: string): string;
}

const directories = new Set<string>();
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** A packaged template in a directory of its own: `code` becomes the bundle `code.zip`. */
export function packageDirectory(
  resources: object,
  code = 'exports.handler = async (event) => event;',
  rest: object = {},
) {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-test-'));
  directories.add(directory);
  const template = path.join(directory, 'cloudformation-template-update-stack.json');
  writeFileSync(template, JSON.stringify({ Resources: resources, ...rest }));
  writeFileSync(path.join(directory, 'code.zip'), zipSync({ 'src/main.js': strToU8(code) }));
  return { directory, template };
}

/** A cloud on a free port with real SDK clients, ended by `await using`. */
export async function cloudWith(
  resources: object,
  options: Partial<CloudOptions> & { code?: string; rest?: object } = {},
): Promise<World> {
  const { code, rest, ...cloudOptions } = options;
  const { template } = packageDirectory(resources, code, rest);
  const logs: string[] = [];
  const onLog = (line: string, name: string) => logs.push(`${name}: ${line}`);
  const cloud = await startCloud({ template, port: 0, onLog, ...cloudOptions });
  const client = {
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const sqs = new SQSClient(client);
  const dynamodb = new DynamoDBClient({ ...client, maxAttempts: 1 });
  return {
    cloud,
    sqs,
    dynamodb,
    logs,
    queueUrl: (name) => `${cloud.endpoint}/000000000000/${name}`,
    async [Symbol.asyncDispose]() {
      sqs.destroy();
      dynamodb.destroy();
      await cloud.close();
    },
  };
}

/** A function resource over the bundle of {@link packageDirectory}. */
export const functionResource = (name: string, properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Handler: 'src/main.handler',
    Runtime: 'nodejs24.x',
    Timeout: 5,
    MemorySize: 128,
    Code: { S3Key: 'serverless/x/code.zip' },
    ...properties,
  },
});

export const queueResource = (name: string, properties: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName: name, ...properties },
});

export const tableResource = (name: string, properties: object = {}) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'JobID', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'JobID', AttributeType: 'S' }],
    ...properties,
  },
});

/** Polls until the check passes, or fails with its last error. */
export async function eventually<T>(check: () => Promise<T> | T, milliseconds = 10_000): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

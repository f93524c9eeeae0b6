import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../localstack/cloud.ts';
import type { LambdaFunction } from '../localstack/functions/lambda-function.ts';

const ROOT = join(import.meta.dirname, '..');
const STAGE = 'demo';
const REGION = 'us-east-1';
/** Not in `.serverless`, so that the demo can run beside `npm start`. */
const PACKAGE = join(ROOT, '.sluice/demo/package');

/** The packaged service in an embedded cloud, with the clients of an ordinary producer. */
export interface DemoStage {
  readonly cloud: Cloud;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  /** @param name short name of a queue, such as `jobs-dlq` */
  urlOf(name: string): Promise<string>;
  /** @param name short name of a function. @throws Error where the package does not declare it */
  functionOf(name: string): LambdaFunction;
  close(): Promise<void>;
}

/** The stage, and its queue `jobs` with what belongs to it. */
export interface Service extends DemoStage {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** The main queue's visibility timeout. */
  readonly visibilitySeconds: number;
  readonly tableName: string;
  readonly worker: LambdaFunction;
}

/** A name as the demo's stage deploys it: `sluice-demo-jobs`. */
export const deployedAs = (name: string): string => `sluice-${STAGE}-${name}`;
/** A table's name in the demo's stage. */
export const tableOf = (name: string): string => `${name}-${STAGE}`;

/**
 * Packages the service as for a deployment to the stage `demo`.
 *
 * @param more further variables of the environment
 * @throws Error with the framework's own output
 */
export async function packageService(more: Record<string, string> = {}): Promise<void> {
  const bin = join(ROOT, 'node_modules/.bin');
  // These variables replace those of a developer's .env, which are not for this stage.
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    AWS_REGION: REGION,
    LOG_LEVEL: 'INFO',
    WEBHOOK_ALLOWED_HOSTS: 'http://127.0.0.1:*',
    WEBHOOK_PRIVATE_ADDRESSES: 'allow',
    SLUICE_JOBS: 'demo/jobs/with-saboteur.ts',
    WEBHOOK_SECRETS: '',
    ...more,
  };
  try {
    const options = ['package', '--stage', STAGE, '--package', PACKAGE];
    await promisify(execFile)(join(bin, 'serverless'), options, { cwd: ROOT, env });
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`The service could not be packaged:\n${`${stdout}${stderr}`.trim() || message}`);
  }
}

/** Starts the packaged service on a free port. */
export async function startStage(onLog: (line: string, functionName: string) => void): Promise<DemoStage> {
  const template = join(PACKAGE, 'cloudformation-template-update-stack.json');
  process.env.AWS_REGION = REGION;
  const cloud = await startCloud({ template, port: 0, onLog });
  const options = {
    endpoint: cloud.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
  };
  const sqs = new SQSClient(options);
  const dynamodb = new DynamoDBClient(options);
  return {
    cloud,
    sqs,
    dynamodb,
    async urlOf(name) {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: deployedAs(name) }));
      return QueueUrl as string;
    },
    functionOf: (name) => functionOf(cloud, deployedAs(name)),
    close: async () => {
      sqs.destroy();
      dynamodb.destroy();
      await cloud.close();
    },
  };
}

/** The stage with what the demo of the queue `jobs` needs of it. */
export async function serviceOf(stage: DemoStage): Promise<Service> {
  const { sqs, urlOf, functionOf } = stage;
  const queueUrl = await urlOf('jobs');
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
  );
  return {
    ...stage,
    queueUrl,
    visibilitySeconds: Number(Attributes.VisibilityTimeout),
    deadLetterQueueUrl: await urlOf('jobs-dlq'),
    tableName: tableOf('job-results-outbox-v1'),
    worker: functionOf('jobs'),
  };
}

function functionOf({ functions }: Cloud, name: string): LambdaFunction {
  const found = functions.get(name);
  if (!found) throw new Error(`The package declares no function ${name}, only ${[...functions.keys()].join(', ')}.`);
  return found;
}

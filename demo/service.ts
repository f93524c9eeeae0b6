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
export interface Service {
  readonly endpoint: string;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** The main queue's visibility timeout. */
  readonly visibilitySeconds: number;
  readonly tableName: string;
  readonly worker: LambdaFunction;
  close(): Promise<void>;
}

/**
 * Packages the service as for a deployment to the stage `demo`.
 *
 * @throws Error with the framework's own output
 */
export async function packageService(): Promise<void> {
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
export async function startService(onLog: (line: string, functionName: string) => void): Promise<Service> {
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
  const urlOf = async (QueueName: string): Promise<string> => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl as string;
  };
  const queueUrl = await urlOf(`sluice-${STAGE}-jobs`);
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['VisibilityTimeout'] }),
  );
  return {
    endpoint: cloud.endpoint,
    sqs,
    dynamodb,
    queueUrl,
    visibilitySeconds: Number(Attributes.VisibilityTimeout),
    deadLetterQueueUrl: await urlOf(`sluice-${STAGE}-jobs-dlq`),
    tableName: `job-results-outbox-v1-${STAGE}`,
    worker: workerOf(cloud),
    close: async () => {
      sqs.destroy();
      dynamodb.destroy();
      await cloud.close();
    },
  };
}

function workerOf({ functions }: Cloud): LambdaFunction {
  const name = `sluice-${STAGE}-jobs`;
  const worker = functions.get(name);
  if (!worker) throw new Error(`The package declares no function ${name}, only ${[...functions.keys()].join(', ')}.`);
  return worker;
}

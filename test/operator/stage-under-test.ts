import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queuesTemplate } from '../../infra/queues.js';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { connect } from '../../operator/stage/connect.ts';
import type { Stage } from '../../operator/stage/stage.ts';
import { functionResource, packageDirectory, queueResource, tableResource } from '../localstack/cloud-under-test.ts';

const ENVIRONMENT = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

/** What a process of the command line ended with. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Record<string, string | undefined>;
  /** Called with each piece of standard output. */
  readonly onOutput?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** A stage `test` in a cloud of its own: queue `jobs` with its DLQ and no consumer, `orders.fifo` with its DLQ, the table. */
export interface StageUnderTest extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly stage: Stage;
  /** The results table's. */
  readonly dynamodb: DynamoDBClient;
  /** Runs the binary in a process of its own, as a user would. */
  sluice(args: readonly string[], options?: RunOptions): Promise<Ended>;
}

/** @param more resources on top */
export async function stageUnderTest(more: object = {}): Promise<StageUnderTest> {
  const { template, directory } = packageDirectory({
    ...queuesTemplate('sluice-test', { jobs: { timeout: 5, maxReceiveCount: 5 } }).Resources,
    OrdersQueue: queueResource('sluice-test-orders.fifo', {
      FifoQueue: true,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['OrdersDead', 'Arn'] }, maxReceiveCount: 3 },
    }),
    OrdersDead: queueResource('sluice-test-orders-dlq.fifo', { FifoQueue: true }),
    ResultsTable: tableResource('results', {
      KeySchema: [{ AttributeName: 'JobID', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'JobID', AttributeType: 'S' }],
    }),
    ...more,
  });
  const state = { service: { provider: { stackName: 'sluice-test' } } };
  writeFileSync(path.join(directory, 'serverless-state.json'), JSON.stringify(state));
  const cloud = await startCloud({ template, port: 0 });
  const env = { ...ENVIRONMENT, AWS_ENDPOINT_URL: cloud.endpoint, SLUICE_STAGE: 'test' };
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const stage = await connect({ stage: 'test', region: 'us-east-1' }, { endpoint: cloud.endpoint, credentials });
  const dynamodb = new DynamoDBClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials });
  return {
    cloud,
    stage,
    dynamodb,
    sluice: (args, options = {}) => runSluice(args, { ...options, env: { ...env, ...options.env } }),
    async [Symbol.asyncDispose]() {
      for (const client of [stage.sqs, dynamodb, stage.lambda, stage.cloudformation, stage.cloudwatch]) {
        client.destroy();
      }
      await cloud.close();
    },
  };
}

/** A consumer of the queue `jobs`. */
export const CONSUMER = {
  Worker: functionResource('sluice-test-worker'),
  WorkerMapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['JobsQueue', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['Worker', 'Arn'] },
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 2 },
      Enabled: false,
    },
  },
};

const BINARY = path.resolve('operator/sluice.js');

/** Nothing of this machine's own AWS configuration is seen. */
export function runSluice(
  args: readonly string[],
  { input = '', env = {}, onOutput }: RunOptions = {},
): Promise<Ended> {
  const home = mkdtempSync(path.join(tmpdir(), 'sluice-home-'));
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const own = Object.fromEntries(Object.entries(inherited).filter(([name]) => !/^(AWS|SLUICE)_/.test(name)));
  const child = spawn(process.execPath, [BINARY, ...args], {
    env: { ...own, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env } as NodeJS.ProcessEnv,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
    onOutput?.(String(chunk), (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      rmSync(home, { recursive: true, force: true });
      resolve({ code, stdout, stderr });
    });
  });
}

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { Interruption } from '../../operator/ending/interruption.ts';
import { Printer } from '../../operator/output/printer.ts';
import { createProgram, isUsageAnswer } from '../../operator/program.ts';
import { endingFor } from '../../operator/stage/remedies.ts';
import { packageDirectory, queueResource, tableResource } from '../localstack/cloud-under-test.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A stage of three queues with their DLQs and nobody who consumes them, and an operator in front of it. */
export interface Operator extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  queueUrl(name: string): string;
  /** Runs a command in this process, its output piped. */
  sluice(...args: string[]): Promise<Ran>;
  /** Runs the real binary in a process of its own. */
  process(args: readonly string[], options?: ProcessOptions): { child: ChildProcess; ended: Promise<Ran> };
}

interface ProcessOptions {
  readonly env?: Record<string, string>;
  readonly nodeOptions?: readonly string[];
}

const RESOURCES = {
  ...pair('Jobs', 'jobs'),
  ...pair('Mail', 'mail'),
  ...pair('Orders', 'orders', '.fifo'),
  ResultsTable: tableResource('results'),
};
const BINARY = path.resolve(import.meta.dirname, '../../operator/sluice.js');
const NODE = path.resolve(import.meta.dirname, '../../node_modules/.bin/node');

function pair(id: string, name: string, suffix = ''): object {
  const fifo = suffix === '' ? {} : { FifoQueue: true };
  const deadLetterTargetArn = { 'Fn::GetAtt': [`${id}Dead`, 'Arn'] };
  return {
    [`${id}Dead`]: queueResource(`sluice-test-${name}-dlq${suffix}`, fifo),
    [id]: queueResource(`sluice-test-${name}${suffix}`, {
      ...fifo,
      RedrivePolicy: { deadLetterTargetArn, maxReceiveCount: 1 },
    }),
  };
}

const interruption = new Interruption();

export async function operator(): Promise<Operator> {
  const { directory, template } = packageDirectory(RESOURCES);
  writeFileSync(
    path.join(directory, 'serverless-state.json'),
    JSON.stringify({ service: { service: 'sluice', provider: { stage: 'test' } } }),
  );
  const cloud = await startCloud({ template, port: 0 });
  const env = {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    SLUICE_STAGE: 'test',
  };
  Object.assign(process.env, env);
  const client = {
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  };
  const sqs = new SQSClient(client);
  const dynamodb = new DynamoDBClient(client);
  return {
    cloud,
    sqs,
    dynamodb,
    queueUrl: (name) => `${cloud.endpoint}/000000000000/sluice-test-${name}`,
    sluice: (...args) => runHere(args),
    process: (args, options = {}) => runThere(args, { ...options, env: { ...env, ...options.env } }),
    async [Symbol.asyncDispose]() {
      sqs.destroy();
      dynamodb.destroy();
      await cloud.close();
    },
  };
}

async function runHere(args: readonly string[]): Promise<Ran> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([text(out), text(err)]);
  let code = 0;
  const { program, target } = createProgram({
    out: new Printer(out as unknown as NodeJS.WriteStream),
    err: new Printer(err as unknown as NodeJS.WriteStream),
    input: new PassThrough() as unknown as NodeJS.ReadStream,
    interruption,
    exit: (wanted) => {
      code = wanted;
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (isUsageAnswer(error)) code = error.exitCode === 0 ? 0 : 2;
    else {
      const ending = endingFor(error, target());
      err.write(`sluice: ${ending.message}\n`);
      code = ending.code;
    }
  }
  out.end();
  err.end();
  const [outText, errText] = await texts;
  return { code, out: outText, err: errText };
}

function runThere(args: readonly string[], { env, nodeOptions = [] }: ProcessOptions) {
  const child = spawn(NODE, [...nodeOptions, BINARY, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const closed = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  const ended = Promise.all([text(child.stdout), text(child.stderr), closed]).then(([out, err, code]) => ({
    out,
    err,
    code,
  }));
  return { child, ended };
}

import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../../../../localstack/cloud.ts';
import { drained, jobsOutOfTime } from '../../../drained.ts';

const TEMPLATE = '.sluice/test/cloudformation-template-update-stack.json';
const ROOT = path.resolve(import.meta.dirname, '../../../..');

/** The packaged service with its consumer, a receiver of webhooks, and an operator in processes of their own. */
export class Scene implements AsyncDisposable {
  readonly #cloud: Cloud;
  readonly #sqs: SQSClient;
  readonly #dynamodb: DynamoDBClient;
  readonly #environment: Record<string, string>;
  readonly #queue: string;

  /** Of webhooks that were answered 200, by job id. */
  readonly deliveries: ReadonlyMap<string, number>;
  /** Where webhooks go. */
  readonly url: string;
  readonly #receiver: Server;
  /** What the function has logged. */
  readonly #lines: readonly string[];

  /** @param statusFor what a webhook is answered, by its path */
  static async open(statusFor: (path: string) => number = () => 200): Promise<Scene> {
    const deliveries = new Map<string, number>();
    const receiver = await startReceiver(deliveries, statusFor);
    const environment = { WEBHOOK_ALLOWED_HOSTS: 'http://127.0.0.1:*', WEBHOOK_PRIVATE_ADDRESSES: 'allow' };
    const lines: string[] = [];
    const cloud = await startCloud({
      template: TEMPLATE,
      port: 0,
      environment: { 'sluice-test-jobs': environment },
      onLog: (line) => lines.push(line),
    });
    return new Scene(cloud, receiver, deliveries, lines);
  }

  private constructor(
    cloud: Cloud,
    receiver: Server,
    deliveries: ReadonlyMap<string, number>,
    lines: readonly string[],
  ) {
    this.#lines = lines;
    this.deliveries = deliveries;
    this.#receiver = receiver;
    this.url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    this.#cloud = cloud;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const options = { endpoint: cloud.endpoint, region: 'us-east-1', credentials };
    this.#sqs = new SQSClient(options);
    this.#dynamodb = new DynamoDBClient(options);
    this.#queue = `${cloud.endpoint}/000000000000/sluice-test-jobs`;
    this.#environment = {
      PATH: process.env.PATH ?? '',
      AWS_ENDPOINT_URL: this.#cloud.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
    };
  }

  async die(bodies: readonly object[]): Promise<void> {
    for (let i = 0; i < bodies.length; i += 10) {
      const Entries = bodies.slice(i, i + 10).map((body, n) => ({ Id: String(n), MessageBody: JSON.stringify(body) }));
      await this.#sqs.send(new SendMessageBatchCommand({ QueueUrl: `${this.#queue}-dlq`, Entries }));
    }
  }

  /** Messages in any state. */
  async count(suffix: '' | '-dlq'): Promise<number> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: `${this.#queue}${suffix}`, AttributeNames: ['All'] }),
    );
    const of = (state: '' | 'NotVisible' | 'Delayed') => Number(Attributes[`ApproximateNumberOfMessages${state}`]);
    return of('') + of('NotVisible') + of('Delayed');
  }

  async done(): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const pages = paginateScan({ client: this.#dynamodb }, { TableName: 'job-results-outbox-v1-test' });
    for await (const { Items = [] } of pages) {
      for (const { JobID, Status } of Items) found.set(JobID?.S ?? '', Status?.S ?? '');
    }
    return found;
  }

  /**
   * Jobs whose invocation had too little time on a busy machine, at most: what such a job has sent before its result could be
   * stored, it sends again.
   */
  outOfTime(): number {
    return jobsOutOfTime(this.#lines);
  }

  /** @returns what the process wrote, and its exit code: null where it was killed */
  async redrive(options: readonly string[], moment?: Promise<void>): Promise<{ out: string; code: number | null }> {
    const args = ['dlq', 'redrive', '--stage', 'test', '--yes', '--visibility', '3', ...options];
    const child = spawn(path.join(ROOT, 'node_modules/.bin/node'), ['operator/sluice.js', ...args], {
      cwd: ROOT,
      env: this.#environment,
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
    moment?.then(() => child.kill('SIGKILL'));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { out, code };
  }

  /** Waits until the queue is empty. */
  consumed(): Promise<void> {
    return drained(() => this.count(''));
  }

  /** Resolves once so many letters have left, or after 10 s. */
  async left(letters: number): Promise<void> {
    const before = await this.count('-dlq');
    const deadline = Date.now() + 10_000;
    while ((await this.count('-dlq')) > before - letters && Date.now() < deadline) await delay(5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sqs.destroy();
    this.#dynamodb.destroy();
    this.#receiver.closeAllConnections();
    this.#receiver.close();
    await this.#cloud.close();
  }
}

async function startReceiver(deliveries: Map<string, number>, statusFor: (path: string) => number): Promise<Server> {
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    const key = String(request.headers['idempotency-key']);
    const status = statusFor(request.url ?? '');
    if (status === 200) deliveries.set(key, (deliveries.get(key) ?? 0) + 1);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

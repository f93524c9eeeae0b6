import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { seededRandom } from '../../demo/random.ts';
import { type Cloud, startCloud } from '../../localstack/cloud.ts';
import { drained, jobsOutOfTime } from '../drained.ts';

const TEMPLATE = '.sluice/test/cloudformation-template-update-stack.json';
const NAME = 'sluice-test-jobs';
const JOBS = 600;
const KILLS = 4;

async function startReceiver(deliveries: Map<string, number>): Promise<Server> {
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    const key = String(request.headers['idempotency-key']);
    deliveries.set(key, (deliveries.get(key) ?? 0) + 1);
    await delay(20);
    response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

class Load {
  readonly #sqs: SQSClient;
  readonly #table: DynamoDBDocumentClient;
  readonly #url: string;

  constructor(cloud: Cloud) {
    const options = {
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    this.#sqs = new SQSClient(options);
    this.#table = DynamoDBDocumentClient.from(new DynamoDBClient(options));
    this.#url = `${cloud.endpoint}/000000000000/${NAME}`;
  }

  async send(jobs: object[]): Promise<void> {
    for (let i = 0; i < jobs.length; i += 10) {
      const Entries = jobs.slice(i, i + 10).map((job, n) => ({ Id: String(n), MessageBody: JSON.stringify(job) }));
      await this.#sqs.send(new SendMessageBatchCommand({ QueueUrl: this.#url, Entries }));
    }
  }

  async waiting(url = this.#url): Promise<number> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible, ApproximateNumberOfMessagesDelayed } =
      Attributes;
    return (
      Number(ApproximateNumberOfMessages) +
      Number(ApproximateNumberOfMessagesNotVisible) +
      Number(ApproximateNumberOfMessagesDelayed)
    );
  }

  dead(): Promise<number> {
    return this.waiting(`${this.#url}-dlq`);
  }

  async results(): Promise<Map<string, Record<string, unknown>>> {
    const { Items = [] } = await this.#table.send(new ScanCommand({ TableName: 'job-results-outbox-v1-test' }));
    return new Map(Items.map((item) => [item.JobID, item]));
  }
}

test.each([1, 2, 3])(
  'killing function processes at random moments under load loses nothing and doubles nothing (seed %d)',
  async (seed) => {
    const random = seededRandom(seed);
    const deliveries = new Map<string, number>();
    const receiver = await startReceiver(deliveries);
    const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const environment = { [NAME]: { WEBHOOK_ALLOWED_HOSTS: 'http://127.0.0.1:*', WEBHOOK_PRIVATE_ADDRESSES: 'allow' } };
    const lines: string[] = [];
    const onLog = (line: string) => lines.push(line);
    const cloud = await startCloud({ template: TEMPLATE, port: 0, environment, tableLimits: { latencyMs: 15 }, onLog });
    try {
      const load = new Load(cloud);
      const jobs = Array.from({ length: JOBS }, (_, i) =>
        i % 4 === 0 ? { type: 'webhook', job_id: `w${i}`, url: hook, payload: { i } } : { job_id: `t${i}`, value: i },
      );
      await load.send(jobs);
      let kills = 0;
      while (kills < KILLS && (await load.waiting()) > 0) {
        await delay(random() * 150);
        if (cloud.functions.get(NAME)?.killOne()) kills += 1;
      }
      await drained(() => load.waiting());
      expect(kills).toBe(KILLS);
      expect(await load.dead()).toBe(0);
      const results = await load.results();
      expect(results.size).toBe(JOBS);
      for (const [i, { job_id }] of jobs.entries()) {
        expect(results.get(job_id)).toMatchObject({ Status: 'done', Result: i % 4 === 0 ? { status: 200 } : i * 3 });
      }
      // A process that dies between delivery and result delivers again; each kill can hit ten jobs in flight, no others.
      const doubled = [...deliveries.values()].filter((count) => count > 1).length;
      expect(deliveries.size).toBe(JOBS / 4);
      expect(doubled).toBeLessThanOrEqual(KILLS * 10 + jobsOutOfTime(lines));
    } finally {
      receiver.closeAllConnections();
      receiver.close();
      await cloud.close();
    }
  },
  300_000,
);

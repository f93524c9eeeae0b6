import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { jobs } from '#jobs';
import {
  type Applied,
  type ApplyOptions,
  applyPlan,
  type Route,
} from '../../../../operator/dead-letters/redriving/apply.ts';
import type { AssessOptions } from '../../../../operator/dead-letters/redriving/assess.ts';
import { Pacer } from '../../../../operator/dead-letters/redriving/pacer.ts';
import { type Plan, PlanBuilder } from '../../../../operator/dead-letters/redriving/plan.ts';
import { planQueue } from '../../../../operator/dead-letters/redriving/planning.ts';
import { filterOf, type LetterFilter } from '../../../../operator/dead-letters/selecting/filter.ts';
import type { AnyJobType } from '../../../../src/job.ts';
import { DynamoDbStore } from '../../../../src/ledger/dynamodb/store.ts';
import { payloadFingerprint } from '../../../../src/ledger/record.ts';
import type { RawJob } from '../../../../src/queues/message.ts';
import { type Fault, FaultyHandler } from '../../../faults/faulty-handler.ts';
import { cloudWith, queueResource, tableResource, type World } from '../../../localstack/cloud-under-test.ts';

interface Options {
  filter: LetterFilter;
  rules: Partial<AssessOptions['rules']>;
  allowReorder: boolean;
  fault: Fault;
  jobs: ReadonlyMap<string, AnyJobType>;
  /** Instead of the world's own. */
  sqs: SQSClient;
}

export interface Planned {
  readonly plan: Plan;
  apply(options?: Partial<ApplyOptions>): Promise<Applied>;
}

/** A standard and a FIFO queue with their dead-letter queues, and a results table; nobody consumes. */
export function redriveCloud(): Promise<World> {
  const fifo = { FifoQueue: true };
  return cloudWith({
    Main: queueResource('main'),
    Dead: queueResource('main-dlq'),
    MainFifo: queueResource('main.fifo', fifo),
    DeadFifo: queueResource('main-dlq.fifo', fifo),
    Results: tableResource('results'),
  });
}

/** What an operator does to the letters of `main-dlq`, or of `main-dlq.fifo`. */
export async function planRedrive(
  world: World,
  name: 'main' | 'main.fifo',
  options: Partial<Options> = {},
): Promise<Planned> {
  const { filter = {}, rules = {}, allowReorder = false, fault } = options;
  const route = routeOf(world, name);
  const sqs = fault
    ? new SQSClient({
        ...LOCATION,
        endpoint: world.cloud.endpoint,
        maxAttempts: 1,
        requestHandler: new FaultyHandler(fault),
      })
    : (options.sqs ?? world.sqs);
  const ledger = new DynamoDbStore(world.dynamodb, 'results').open();
  const assessing: AssessOptions = {
    runs: { jobs: options.jobs ?? jobs, defaultType: 'triple' },
    ledger,
    rules: { includeInvalid: false, maxAgeMs: undefined, resultTtlMs: undefined, ...rules },
    selects: filterOf(filter),
    inOrder: route.from.fifo && !allowReorder,
    now: Date.now,
  };
  const signal = new AbortController().signal;
  const builder = new PlanBuilder();
  const plannedAt = Date.now();
  await planQueue(builder, {
    ...{
      sqs: options.sqs ?? world.sqs,
      queue: name,
      deadLettersUrl: route.from.url,
      assessing,
      visibilitySeconds: 30,
      signal,
    },
  });
  return {
    plan: builder.build(),
    apply: (over = {}) =>
      applyPlan([route], {
        ...{ sqs, planned: builder.planned, plannedAt, assessing: () => assessing, signal, canary: 0, verify: false },
        pacer: new Pacer(Number.POSITIVE_INFINITY),
        most: Number.POSITIVE_INFINITY,
        timeoutMs: 10_000,
        visibilitySeconds: 30,
        ...over,
      }),
  };
}

const LOCATION = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };

function routeOf(world: World, name: string): Route {
  const fifo = name.endsWith('.fifo');
  const from = { url: world.queueUrl(fifo ? 'main-dlq.fifo' : 'main-dlq'), arn: '', fifo };
  return { queue: name, from, to: { url: world.queueUrl(name), arn: '', fifo }, diesTo: from.url };
}

/** Takes everything that a queue hands out now, and leaves it hidden. */
export async function take({ sqs, queueUrl }: World, name: string): Promise<Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl(name),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 0,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return taken;
    taken.push(...Messages);
  }
}

/** Takes and deletes, so that a FIFO queue hands out all of each group. */
export async function drain(world: World, name: string): Promise<Message[]> {
  const QueueUrl = world.queueUrl(name);
  const drained: Message[] = [];
  for (;;) {
    const taken = await take(world, name);
    if (taken.length === 0) return drained;
    drained.push(...taken);
    for (const { ReceiptHandle } of taken) await world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

/** As if a worker had stored the job's result. */
export async function storeResult({ dynamodb }: World, job: RawJob & { job_id: string }): Promise<void> {
  const { type = 'triple', job_id: JobID } = job;
  const Item = {
    ...{ JobID, Type: type, Fingerprint: payloadFingerprint(String(type), job), Owner: 'o', FencingToken: 1 },
    ...{ Status: 'done', ttl: Math.ceil(Date.now() / 1000) + 3600, CompletedAt: new Date().toISOString(), Result: 1 },
  };
  await DynamoDBDocumentClient.from(dynamodb).send(new PutCommand({ TableName: 'results', Item }));
}

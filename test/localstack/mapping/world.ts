import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LambdaFunction } from '../../../localstack/functions/lambda-function.ts';
import { EventSourceMapping, type MappingConfiguration } from '../../../localstack/mapping/event-source-mapping.ts';
import { inProcessClient } from '../../../localstack/sqs/in-process-client.ts';
import { SqsService } from '../../../localstack/sqs/service.ts';

/** A record as a handler sees it. */
export interface SqsRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, unknown>;
  [field: string]: unknown;
}

export interface MappingWorld extends AsyncDisposable {
  sqs: SQSClient;
  queueUrl: string;
  /** Lines that the mappings logged. */
  log: string[];
  /** Sends bodies, ten to a request. */
  send(bodies: string[], each?: (body: string) => Partial<SendMessageBatchRequestEntry>): Promise<void>;
  /** Messages on the queue: waiting, and received but not deleted. */
  counts(name?: string): { waiting: number; inFlight: number };
  /** Starts a mapping of the queue to a function; ten records, no window, partial batch responses. */
  map(lambda: Pick<LambdaFunction, 'invoke' | 'endsLoop'>, changes?: Partial<MappingConfiguration>): EventSourceMapping;
  receive(name: string): Promise<Message[]>;
}

/**
 * A queue `jobs` (or `jobs.fifo`) with the DLQ `dead`, called as the embedded cloud's mappings call it. Mappings are
 * stopped when it is disposed.
 */
export async function mappingWorld(
  options: { fifo?: boolean; visibilitySeconds?: number; maxReceiveCount?: number } = {},
): Promise<MappingWorld> {
  const { fifo = false, visibilitySeconds = 30, maxReceiveCount = 4 } = options;
  const service = new SqsService('us-east-1');
  const sqs = inProcessClient(service, 'us-east-1');
  const suffix = fifo ? '.fifo' : '';
  const create = async (name: string, more: Record<string, string> = {}) => {
    const Attributes = { ...(fifo && { FifoQueue: 'true' }), ...more };
    return (await sqs.send(new CreateQueueCommand({ QueueName: `${name}${suffix}`, Attributes }))).QueueUrl ?? '';
  };
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}${suffix}`;
  await create('dead');
  const queueUrl = await create('jobs', {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount }),
  });
  const queueArn = arn('jobs');
  const mappings: EventSourceMapping[] = [];
  const log: string[] = [];
  return {
    sqs,
    queueUrl,
    log,
    async send(bodies, each = () => ({})) {
      for (let at = 0; at < bodies.length; at += 10) {
        const Entries = bodies.slice(at, at + 10).map((MessageBody, index) => ({
          Id: String(index),
          MessageBody,
          ...(fifo ? { MessageDeduplicationId: randomUUID() } : {}),
          ...each(MessageBody),
        }));
        await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      }
    },
    counts(name = `jobs${suffix}`) {
      const messages = service.store.getQueueByName(name)?.inspectMessages();
      return {
        waiting: (messages?.ready.length ?? 0) + (messages?.delayed.length ?? 0),
        inFlight: messages?.inflight.length ?? 0,
      };
    },
    map(lambda, changes = {}) {
      const mapping = new EventSourceMapping(
        {
          uuid: randomUUID(),
          queueUrl,
          queueArn,
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
          region: 'us-east-1',
          batchSize: 10,
          windowSeconds: 0,
          reportBatchItemFailures: true,
          enabled: true,
          ...changes,
        },
        { sqs, function: lambda as LambdaFunction, log: (line) => log.push(line) },
      );
      mappings.push(mapping);
      mapping.start();
      return mapping;
    },
    async receive(name) {
      const QueueUrl = queueUrl.replace(/[^/]+$/, name);
      const command = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All' as const] };
      return (await sqs.send(new ReceiveMessageCommand(command))).Messages ?? [];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(mappings.map((mapping) => mapping.stop()));
      sqs.destroy();
      service.close();
    },
  };
}

export interface RecordingFunction extends Pick<LambdaFunction, 'invoke' | 'endsLoop'> {
  /** The records of every invocation, in the order of their start. */
  batches: SqsRecord[][];
  /** Most invocations at the same time so far. */
  peak: number;
}

/** A function in this process, for rules of the mapping that do not depend on how a function runs. */
export function recordingFunction(handle: (records: SqsRecord[]) => unknown = () => null): RecordingFunction {
  let running = 0;
  const recording: RecordingFunction = {
    batches: [],
    peak: 0,
    endsLoop: () => false,
    async invoke(payload) {
      const { Records } = JSON.parse(payload) as { Records: SqsRecord[] };
      recording.batches.push(Records);
      running += 1;
      recording.peak = Math.max(recording.peak, running);
      try {
        const answer = await handle(Records);
        return { payload: JSON.stringify(answer ?? null), requestId: randomUUID(), logTail: '', durationMs: 1 };
      } catch (error) {
        const functionError = 'Unhandled';
        return {
          payload: JSON.stringify(String(error)),
          functionError,
          requestId: randomUUID(),
          logTail: '',
          durationMs: 1,
        };
      } finally {
        running -= 1;
      }
    },
  };
  return recording;
}

export const numbers = (count: number, from = 0): string[] => Array.from({ length: count }, (_, n) => String(from + n));
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import { type BatchAnswer, sendBatch } from '../../../src/aws/sqs-api.ts';
import { MAX_BYTES } from '../../../src/queues/attributes.ts';
import type { Runs } from '../../../src/queues/parse-job.ts';
import { UsageError } from '../../ending/exit.ts';
import { oneLine } from '../../output/printable.ts';
import { runsOf, subscribersOf } from '../../stage/runs.ts';
import { selectQueues } from '../../stage/select-queues.ts';
import type { Stage } from '../../stage/stage.ts';
import { MAX_TOPIC_BYTES } from '../../stage/topics.ts';
import { type LargeLines, largeLines, noLargeLines } from './large-lines.ts';

/** Where messages go: a queue, or the queues of a topic. */
export interface Destination {
  readonly kind: 'queue' | 'topic';
  /** Its short name. */
  readonly name: string;
  /** A queue's URL, a topic's ARN. */
  readonly address: string;
  readonly fifo: boolean;
  /** Bytes of a message, and of a request. */
  readonly mostBytes: number;
  /** What becomes of lines that are larger. */
  readonly large: LargeLines;
  /** What its consumers run, each by the name of its queue. A message must be a job for all of them. */
  readonly consumers: ReadonlyMap<string, Runs>;
  /** Sends up to ten messages. */
  send(entries: SendMessageBatchRequestEntry[]): Promise<BatchAnswer>;
}

/** @throws UsageError where the stage has no such queue or topic, or it is not said which */
export async function destinationOf(
  stage: Stage,
  { queue, topic }: { readonly queue?: string; readonly topic?: string },
): Promise<Destination> {
  if (topic === undefined) return queueDestination(stage, queue);
  if (queue !== undefined) throw new UsageError('pass either --queue or --topic');
  const found = stage.topics.find(({ name, arn }) => name === topic || arn === topic);
  if (!found) {
    const names = stage.topics.map(({ name }) => name).join(', ') || 'none';
    throw new UsageError(`the stage ${stage.name} has no topic "${oneLine(topic, 100)}"; it has: ${names}`);
  }
  const { name, arn: address } = found;
  const consumers = subscribersOf(name);
  const send = (entries: SendMessageBatchRequestEntry[]) => stage.publish(address, entries);
  const sizes = { mostBytes: MAX_TOPIC_BYTES, large: noLargeLines(MAX_TOPIC_BYTES, 'the 256 KiB that SNS takes') };
  return { kind: 'topic', name, address, fifo: false, ...sizes, consumers, send };
}

async function queueDestination(stage: Stage, wanted: string | undefined): Promise<Destination> {
  const queues = await selectQueues(stage, wanted);
  const queue = queues.length === 1 ? queues[0] : queues.find(({ name }) => name === 'jobs');
  if (!queue) {
    throw new UsageError(`pass --queue; there are: ${queues.map(({ name }) => name).join(', ') || 'none'}`);
  }
  const { name, url: address, fifo } = queue;
  const runs = runsOf(queue, stage);
  const consumers = new Map([[name, runs]]);
  const send = (entries: SendMessageBatchRequestEntry[]) => sendBatch(stage.sqs, address, entries);
  const large = largeLines(queue, async () => await runs.payloads?.());
  return { kind: 'queue', name, address, fifo, mostBytes: MAX_BYTES, large, consumers, send };
}

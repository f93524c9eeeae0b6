import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { LedgerArchive, LedgerStore } from '../../src/ledger/store.ts';
import type { Publish, TopicOfStage } from './topics.ts';

/** A queue of the stage. */
export interface QueueOfStage {
  /** The name without the stage's prefix and without `-dlq`: `jobs`. */
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  /** Undefined where it has none. */
  readonly deadLetters: { readonly url: string; readonly arn: string } | undefined;
  readonly maxReceiveCount: number | undefined;
  /** The most bytes of a message, with its attributes. Undefined where the queue does not say. */
  readonly maximumMessageBytes?: number | undefined;
}

/** What a command works on: the clients, and what the stage's CloudFormation stack deployed. */
export interface Stage {
  readonly name: string;
  readonly region: string;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly cloudformation: CloudFormationClient;
  readonly cloudwatch: CloudWatchClient;
  /** Loaded with the first payload. */
  readonly s3: () => Promise<S3Client>;
  /** Every queue that has or can have a consumer; a dead-letter queue is listed with the queue it belongs to. */
  readonly queues: readonly QueueOfStage[];
  readonly topics: readonly TopicOfStage[];
  readonly publish: Publish;
  /** The results table's name, for people. */
  readonly tableName: string;
  /** What the stage's jobs have left: the table's records. */
  readonly ledger: LedgerStore & LedgerArchive;
  /** The records of queues that have a table of their own, by the queue's name. */
  readonly ledgers: ReadonlyMap<string, LedgerStore & LedgerArchive>;
}

/** What a command line points at. */
export interface Target {
  readonly stage: string;
  readonly region?: string;
  readonly profile?: string;
}

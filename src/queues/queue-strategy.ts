import type { Logger } from '@aws-lambda-powertools/logger';
import type { AfterFailure } from '../engine/lanes.ts';
import type { Verdict } from '../engine/verdict.ts';
import type { StoreSession } from '../ledger/store.ts';
import type { Trace } from '../telemetry/log.ts';
import type { Report } from '../telemetry/report.ts';
import type { Message } from './message.ts';
import type { History, Received } from './redelivery.ts';
import type { VisibilityChange } from './requests.ts';
import type { Sending } from './sender.ts';

/** How one kind of queue treats its messages: in which order they run, and what a verdict does. */
export interface QueueStrategy {
  /**
   * The lane of a record. Records of one lane run one after another, in order. Undefined for a record that waits for no
   * other.
   *
   * @param key the job's idempotency key, where the message holds a job that has one
   */
  laneOf(message: Message, key: string | undefined): string | undefined;
  readonly afterFailure: AfterFailure;
  /**
   * Whether records start in the order of the batch, as on a FIFO queue. Then receives say nothing about runs, and each step of
   * each message is logged. If not, those with the most receives start first.
   */
  readonly keepsOrder: boolean;
  /**
   * The last run on which a job may fail; without it, the lesser of the two.
   *
   * @param attempts of the job type's retry policy
   */
  lastRun?(attempts: number, maxReceiveCount: number): number;
  /** The least wait after so many failed runs, in milliseconds; without it, the job type's back-off alone counts. */
  leastWaitMs?(runs: number): number;
  /**
   * Called before a message is processed.
   *
   * @returns a verdict where the message must not run now, `anew` where its earlier runs do not count any more
   */
  takeUp?(message: Received, queue: QueueOfInvocation): Promise<Verdict | 'anew' | undefined>;
  /**
   * Carries out a verdict on the queue. It is logged here, and only here.
   *
   * @returns whether the message may be acknowledged; false reports it as failed, and the queue hands it out again
   */
  settle(message: Received, verdict: Verdict, history: History, queue: QueueOfInvocation): Promise<boolean>;
}

/** A queue, its dead-letter queue and the counts, for one invocation. */
export interface QueueOfInvocation {
  /** After this many receives SQS itself moves a message to the DLQ, without a reason. */
  readonly maxReceiveCount: number;
  /** The queue's visibility timeout. */
  readonly visibilityMs: number;
  /** The queue's own delay. */
  readonly delayMs?: number;
  readonly worker: { functionName: string; functionVersion: string };
  sendToDeadLetters(message: Sending): Promise<void>;
  /** Sends to the queue that the batch came from. */
  sendToOwnQueue(message: Sending): Promise<void>;
  /** Sends to the retry queue; undefined where there is none, and for a batch that came from it. */
  readonly sendToRetryQueue?: ((message: Sending) => Promise<void>) | undefined;
  changeVisibility(change: VisibilityChange): Promise<void>;
  deleteMessage(receiptHandle: string): Promise<void>;
  /** Where the ledger's records are. */
  readonly records: StoreSession;
  readonly log: Logger;
  readonly trace: Trace;
  readonly report: Report;
  readonly now: () => number;
}

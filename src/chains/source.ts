import type { SQSRecord } from 'aws-lambda';
import type { Environment } from '../env.ts';

/** Where messages of a batch go back to, and where they go on to when they have failed too often there. */
export interface Source {
  readonly queueUrl: string;
  /** Undefined for a batch that came from the retry queue, and where there is no such queue. */
  readonly retryQueueUrl: string | undefined;
  /** How long the queue itself delays a message, in milliseconds. */
  readonly delayMs: number;
}

/**
 * Which of the function's queues a batch came from. Lambda takes a batch from one queue, so its first record says it. A
 * batch that does not say it, such as one made by hand, counts as one from the main queue.
 */
export function sourceOf(
  [first]: readonly Partial<SQSRecord>[],
  { queueUrl, retryQueue }: Pick<Environment, 'queueUrl' | 'retryQueue'>,
): Source {
  const name = nameIn(first?.eventSourceARN, ':');
  const isFromRetryQueue = retryQueue !== undefined && name === nameIn(retryQueue.url, '/');
  return isFromRetryQueue
    ? { queueUrl: retryQueue.url, retryQueueUrl: undefined, delayMs: retryQueue.delay * 1000 }
    : { queueUrl, retryQueueUrl: retryQueue?.url, delayMs: 0 };
}

/** A queue's name is the last part of its ARN, and of its URL. */
function nameIn(text: unknown, separator: string): string | undefined {
  return typeof text === 'string' ? text.split(separator).at(-1) : undefined;
}

import { QueueDoesNotExistError, type SqsQueue, SqsStore } from '../fauxqs/internals.ts';
import { FifoQueue } from './fifo-queue.ts';
import { Queue } from './queue.ts';
import { missingParameter } from './refusals.ts';

/** fauxqs' store, with queues of our own. */
export class QueueStore extends SqsStore {
  /** @param region of every queue here; a client's own region does not matter */
  constructor(region: string) {
    super();
    this.region = region;
    // Queue URLs then name the host that the client called, which resolves everywhere; fauxqs' own
    // `sqs.us-east-1.localhost` does not.
    this.host = '';
  }

  override createQueue(...[name, url, arn, attributes, tags]: Parameters<SqsStore['createQueue']>): SqsQueue {
    const Kind = attributes?.FifoQueue === 'true' ? FifoQueue : Queue;
    const queue = new Kind(name, url, arn, attributes, tags);
    // fauxqs makes its queues itself and keeps these maps private.
    const { queues, queuesByName, queuesByArn } = this as unknown as Record<string, Map<string, SqsQueue>>;
    queues?.set(url, queue);
    queuesByName?.set(name, queue);
    queuesByArn?.set(arn, queue);
    return queue;
  }

  /** @throws {SqsError} when a request names no queue, or one that is not there */
  named(url: unknown): SqsQueue {
    if (!url) throw missingParameter('QueueUrl');
    const queue = this.getQueue(String(url));
    if (!queue) throw new QueueDoesNotExistError();
    return queue;
  }

  /** The queues whose redrive policy names this one: ListDeadLetterSourceQueues. */
  sourcesOf(deadLetterQueue: SqsQueue): SqsQueue[] {
    return [...this.allQueues()].filter((queue) =>
      queue.attributes.RedrivePolicy?.includes(`"${deadLetterQueue.arn}"`),
    );
  }
}

import { type SqsQueue, SqsStore } from '../fauxqs/internals.ts';
import { addExtras } from './message-extras.ts';

/**
 * The most milliseconds that a message comes back late after its visibility timeout or delay. fauxqs itself polls at
 * this rate.
 */
const TIMER_RESOLUTION_MS = 20;

/** fauxqs' queues, with what SQS does and they do not. */
export class QueueStore extends SqsStore {
  /** @param region of every queue here; a client's own region does not matter */
  constructor(region: string) {
    super();
    this.region = region;
    // With an empty host, queue URLs name the host that the client called, which resolves everywhere. fauxqs' own
    // `sqs.us-east-1.localhost` does not.
    this.host = '';
  }

  override createQueue(...[name, url, arn, attributes, tags]: Parameters<SqsStore['createQueue']>): SqsQueue {
    const queue = super.createQueue(name, url, arn, attributes, tags);
    limitTimerScans(queue);
    noteDeadLetterSource(queue);
    return queue;
  }

  /** The queues whose redrive policy names this one: ListDeadLetterSourceQueues. */
  sourcesOf(deadLetterQueue: SqsQueue): SqsQueue[] {
    return [...this.allQueues()].filter((queue) =>
      queue.attributes.RedrivePolicy?.includes(`"${deadLetterQueue.arn}"`),
    );
  }
}

/**
 * fauxqs walks over every message in flight on each receive. With 10 batches of 10,000 in flight that is most of the
 * time of a receive. Once in 20 ms is as exact as fauxqs' own long polling.
 */
function limitTimerScans(queue: SqsQueue) {
  const scan = queue.processTimers.bind(queue);
  let last = Number.NEGATIVE_INFINITY;
  queue.processTimers = () => {
    const now = performance.now();
    if (now - last < TIMER_RESOLUTION_MS) return;
    last = now;
    scan();
  };
  const dequeue = queue.dequeue.bind(queue);
  queue.dequeue = (count, visibilityTimeout, resolve) => {
    const received = dequeue(count, visibilityTimeout, resolve);
    // A message that is received for 0 seconds must be visible to the very next receive.
    if (Number(visibilityTimeout ?? queue.attributes.VisibilityTimeout) === 0) last = Number.NEGATIVE_INFINITY;
    return received;
  };
}

/**
 * A dead letter names the queue that it comes from (DeadLetterQueueSourceArn). Only the move itself knows that queue.
 */
function noteDeadLetterSource(queue: SqsQueue) {
  const dequeue = queue.dequeue.bind(queue);
  queue.dequeue = (count, visibilityTimeout, resolve) =>
    dequeue(count, visibilityTimeout, (arn) => {
      const target = resolve?.(arn);
      if (!target) return undefined;
      const enqueue: SqsQueue['enqueue'] = (message) => {
        addExtras(message, { deadLetterSourceArn: queue.arn });
        target.enqueue(message);
      };
      return { enqueue } as SqsQueue;
    });
}

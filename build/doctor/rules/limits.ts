import type { Queue } from '../model.ts';
import type { Complaint, Rule } from '../rule.ts';

interface Limit {
  readonly property: string;
  readonly least: number;
  readonly most: number;
  readonly of: (queue: Queue) => number;
}

/** SQS quotas, in seconds, bytes and receives. */
const LIMITS: readonly Limit[] = [
  { property: 'VisibilityTimeout', least: 0, most: 43_200, of: (queue) => queue.visibilitySeconds },
  { property: 'MessageRetentionPeriod', least: 60, most: 1_209_600, of: (queue) => queue.retentionSeconds },
  { property: 'DelaySeconds', least: 0, most: 900, of: (queue) => queue.delaySeconds },
  { property: 'ReceiveMessageWaitTimeSeconds', least: 0, most: 20, of: (queue) => queue.waitSeconds },
  { property: 'MaximumMessageSize', least: 1024, most: 1_048_576, of: (queue) => queue.maximumMessageBytes },
  { property: 'maxReceiveCount', least: 1, most: 1000, of: (queue) => queue.redrive?.maxReceiveCount ?? Number.NaN },
];

export const queueLimits: Rule = {
  id: 'queue-limits',
  level: 'error',
  explain: 'SQS refuses a queue whose attributes are out of range, in the middle of the deployment.',
  *check({ queues }) {
    for (const queue of queues.values()) {
      for (const limit of LIMITS) yield* beyond(queue.id, limit.of(queue), limit);
    }
  },
};

export const functionTimeoutRange: Rule = {
  id: 'function-timeout-range',
  level: 'error',
  explain: 'A Lambda function runs for 1 to 900 s.',
  *check({ functions }) {
    for (const { id, timeoutSeconds } of functions.values()) {
      yield* beyond(id, timeoutSeconds, { property: 'Timeout', least: 1, most: 900 });
    }
  },
};

function* beyond(resource: string, value: number, { property, least, most }: Omit<Limit, 'of'>): Generator<Complaint> {
  if (!(value < least || value > most)) return;
  yield {
    resource,
    problem: `${property} is ${value}.`,
    remedy: `Set it to ${least} to ${most}.`,
    numbers: { [property]: value, least, most },
  };
}

export const fifoName: Rule = {
  id: 'fifo-name',
  level: 'error',
  explain: 'SQS: the name of a FIFO queue ends in .fifo, and no other queue’s does.',
  *check({ queues }) {
    for (const { id, name, fifo } of queues.values()) {
      if (name === undefined || name.endsWith('.fifo') === fifo) continue;
      yield {
        resource: id,
        problem: `It is ${fifo ? 'a FIFO queue' : 'no FIFO queue'} and is called ${name}.`,
        remedy: fifo ? `Call it ${name}.fifo.` : 'Set FifoQueue: true, or drop .fifo from its name.',
        numbers: {},
      };
    }
  },
};

export const shortPolling: Rule = {
  id: 'short-polling',
  level: 'warning',
  explain:
    'Receives that do not wait come back empty, cost a request each, and ask only some of SQS’s servers: a redrive believes the queue empty. Lambda polls long by itself; people and scripts get the queue’s default.',
  *check({ queues }) {
    for (const { id, waitSeconds } of queues.values()) {
      if (!(waitSeconds < 1)) continue;
      yield {
        resource: id,
        problem: `ReceiveMessageWaitTimeSeconds is ${waitSeconds}.`,
        remedy: 'Set it to 20.',
        numbers: { ReceiveMessageWaitTimeSeconds: waitSeconds },
      };
    }
  },
};

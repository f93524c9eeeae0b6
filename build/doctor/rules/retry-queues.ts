import type { Rule } from '../rule.ts';

export const retryQueueUnconsumed: Rule = {
  id: 'retry-queue-unconsumed',
  level: 'error',
  explain:
    'Jobs that failed too often on the main queue are sent to the retry queue. Where the same function does not consume it, they wait there until their retention ends, and are lost.',
  *check({ functions, consumers, queues }) {
    for (const { id, retryQueue } of functions.values()) {
      if (!retryQueue || !queues.has(retryQueue.queue)) continue;
      if (consumers.some(({ queue, worker }) => worker.id === id && queue.id === retryQueue.queue)) continue;
      yield {
        resource: id,
        problem: `RETRY_QUEUE_URL is ${retryQueue.queue}, and no mapping of this function consumes that queue.`,
        remedy: 'Give the function an event source mapping of it.',
        numbers: {},
      };
    }
  },
};

export const retryDelayDiffers: Rule = {
  id: 'retry-delay-differs',
  level: 'warning',
  explain:
    'The function makes a job wait as long as its variable says, and SQS what anybody else sends to the retry queue as long as the queue says.',
  *check({ functions, queues }) {
    for (const { id, retryQueue } of functions.values()) {
      const delaySeconds = queues.get(retryQueue?.queue ?? '')?.delaySeconds ?? Number.NaN;
      const told = retryQueue?.delaySeconds ?? Number.NaN;
      if (!(Math.abs(told - delaySeconds) > 0)) continue;
      yield {
        resource: id,
        problem: `RETRY_QUEUE_DELAY is ${told} s, and DelaySeconds of ${retryQueue?.queue} is ${delaySeconds} s.`,
        remedy: `Set RETRY_QUEUE_DELAY to ${delaySeconds}.`,
        numbers: { RETRY_QUEUE_DELAY: told, DelaySeconds: delaySeconds },
      };
    }
  },
};

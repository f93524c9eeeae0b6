import type { Rule } from '../rule.ts';

const LEAST = 3;
const MOST = 5;

export const receiveCountLow: Rule = {
  id: 'receive-count-low',
  level: 'error',
  explain:
    'Receives are used up by throttling, crashes and deployments too, not only by failing jobs: with so few, healthy messages are dead-lettered in a minor incident.',
  *check({ queues }) {
    for (const { id, redrive } of queues.values()) {
      if (!redrive || !(redrive.maxReceiveCount < LEAST)) continue;
      yield {
        resource: id,
        problem: `maxReceiveCount is ${redrive.maxReceiveCount}.`,
        remedy: `Set it to ${LEAST} to ${MOST}.`,
        numbers: { maxReceiveCount: redrive.maxReceiveCount, least: LEAST },
      };
    }
  },
};

export const receiveCountHigh: Rule = {
  id: 'receive-count-high',
  level: 'warning',
  explain:
    'A message that kills its function takes its whole batch down on each receive. More than five tries rarely help it, and cost its neighbours.',
  *check({ queues }) {
    for (const { id, redrive } of queues.values()) {
      if (!redrive || !(redrive.maxReceiveCount > MOST)) continue;
      yield {
        resource: id,
        problem: `maxReceiveCount is ${redrive.maxReceiveCount}.`,
        remedy: `Set it to ${LEAST} to ${MOST}; back-off, not a high count, bridges an outage.`,
        numbers: { maxReceiveCount: redrive.maxReceiveCount, most: MOST },
      };
    }
  },
};

export const receiveCountDiffers: Rule = {
  id: 'receive-count-differs',
  level: 'warning',
  explain:
    'The function dead-letters with a reason on the last receive that the queue permits. Told a higher count, it comes too late and SQS moves messages without a reason; told a lower one, it gives up early.',
  *check({ consumers }) {
    for (const { queue, worker } of consumers) {
      const count = queue.redrive?.maxReceiveCount ?? Number.NaN;
      if (!(Math.abs(worker.maxReceiveCount - count) > 0)) continue;
      yield {
        resource: worker.id,
        problem: `MAX_RECEIVE_COUNT is ${worker.maxReceiveCount}, and maxReceiveCount of ${queue.id} is ${count}.`,
        remedy: `Set MAX_RECEIVE_COUNT to ${count}.`,
        numbers: { MAX_RECEIVE_COUNT: worker.maxReceiveCount, maxReceiveCount: count },
      };
    }
  },
};

import type { Consumer, Model } from '../model.ts';
import type { Rule } from '../rule.ts';

const LEAST = 3;
const MOST = 5;

/** A number of tries, and the resource and property that give it. */
interface Tries {
  readonly id: string;
  readonly property: 'maxReceiveCount' | 'MAX_RECEIVE_COUNT';
  readonly count: number;
}

/**
 * How often a message is tried: as often as its queue hands it out. On a FIFO queue a message is also handed out behind others, so
 * the worker counts its runs.
 */
function* triesOf({ queues, consumers }: Model): Generator<Tries> {
  const counting = consumers.filter(countsRuns);
  const counted = new Set(counting.map(({ queue }) => queue.id));
  for (const { id, redrive } of queues.values()) {
    if (redrive && !counted.has(id)) yield { id, property: 'maxReceiveCount', count: redrive.maxReceiveCount };
  }
  for (const { worker } of counting) {
    yield { id: worker.id, property: 'MAX_RECEIVE_COUNT', count: worker.maxReceiveCount };
  }
}

const countsRuns = ({ queue, worker }: Consumer): boolean => queue.fifo && !Number.isNaN(worker.maxReceiveCount);

export const receiveCountLow: Rule = {
  id: 'receive-count-low',
  level: 'error',
  explain:
    'Receives are used up by throttling, crashes and deployments too, not only by failing jobs: with so few, healthy messages are dead-lettered in a minor incident.',
  *check(model) {
    for (const { id, property, count } of triesOf(model)) {
      if (!(count < LEAST)) continue;
      yield {
        resource: id,
        problem: `${property} is ${count}.`,
        remedy: `Set it to ${LEAST} to ${MOST}.`,
        numbers: { [property]: count, least: LEAST },
      };
    }
  },
};

export const receiveCountHigh: Rule = {
  id: 'receive-count-high',
  level: 'warning',
  explain:
    'A message that kills its function takes its whole batch down on each receive. More than five tries rarely help it, and cost its neighbours.',
  *check(model) {
    for (const { id, property, count } of triesOf(model)) {
      if (!(count > MOST)) continue;
      yield {
        resource: id,
        problem: `${property} is ${count}.`,
        remedy: `Set it to ${LEAST} to ${MOST}; back-off, not a high count, bridges an outage.`,
        numbers: { [property]: count, most: MOST },
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
      if (queue.fifo || !(Math.abs(worker.maxReceiveCount - count) > 0)) continue;
      yield {
        resource: worker.id,
        problem: `MAX_RECEIVE_COUNT is ${worker.maxReceiveCount}, and maxReceiveCount of ${queue.id} is ${count}.`,
        remedy: `Set MAX_RECEIVE_COUNT to ${count}.`,
        numbers: { MAX_RECEIVE_COUNT: worker.maxReceiveCount, maxReceiveCount: count },
      };
    }
  },
};

/** What SQS takes at most. */
const FIFO_COUNT = 1_000;

export const receiveCountFifo: Rule = {
  id: 'receive-count-fifo',
  level: 'error',
  explain:
    'Messages behind a failing one of their group are received with it each time, and do not run. Their receives are used up, and SQS moves them to the dead-letter queue: out of order, and without having run once.',
  *check({ consumers }) {
    for (const consumer of consumers) {
      const { mapping, queue, worker } = consumer;
      const count = queue.redrive?.maxReceiveCount ?? Number.NaN;
      // The last of a batch, where each message before it fails on all its runs.
      const least = mapping.batchSize * worker.maxReceiveCount;
      if (!countsRuns(consumer) || !(count < least)) continue;
      yield {
        resource: queue.id,
        problem: `maxReceiveCount is ${count}. In a batch of ${mapping.batchSize} whose jobs have ${worker.maxReceiveCount} runs each, the last may be received ${least} times.`,
        remedy: `Set it to ${FIFO_COUNT}: ${worker.id} counts the runs by itself.`,
        numbers: { maxReceiveCount: count, least },
      };
    }
  },
};

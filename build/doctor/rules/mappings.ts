import type { Mapping, Model } from '../model.ts';
import type { Rule } from '../rule.ts';

const BATCH = { standard: 10_000, fifo: 10 };
const WINDOW_FROM = 10;
const MAXIMUM_WINDOW = 300;

/** Each mapping, and whether its queue is a FIFO queue. A queue that is not in the template is known by its ARN. */
function kinds({ mappings, queues }: Model): { mapping: Mapping; fifo: boolean }[] {
  return mappings.map((mapping) => {
    const queue = queues.get(mapping.queue);
    return { mapping, fifo: queue ? queue.fifo : mapping.queue.endsWith('.fifo') };
  });
}

export const batchSizeRange: Rule = {
  id: 'batch-size-range',
  level: 'error',
  explain: 'Lambda takes batches of 1 to 10,000 from standard queues and of 1 to 10 from FIFO queues.',
  *check(model) {
    for (const { mapping, fifo } of kinds(model)) {
      const most = fifo ? BATCH.fifo : BATCH.standard;
      if (!(mapping.batchSize < 1 || mapping.batchSize > most)) continue;
      yield {
        resource: mapping.id,
        problem: `BatchSize is ${mapping.batchSize}; a ${fifo ? 'FIFO' : 'standard'} queue allows 1 to ${most}.`,
        remedy: `Set it to 1 to ${most}.`,
        numbers: { BatchSize: mapping.batchSize, least: 1, most },
      };
    }
  },
};

export const batchWindowMissing: Rule = {
  id: 'batch-window-missing',
  level: 'error',
  explain: 'Lambda refuses batches of more than 10 without a batching window of at least 1 s.',
  *check(model) {
    for (const { mapping, fifo } of kinds(model)) {
      if (fifo || !(mapping.batchSize > WINDOW_FROM && mapping.windowSeconds < 1)) continue;
      yield {
        resource: mapping.id,
        problem: `BatchSize is ${mapping.batchSize} and MaximumBatchingWindowInSeconds ${mapping.windowSeconds}.`,
        remedy: `Set the window to at least 1, or the batch size to at most ${WINDOW_FROM}.`,
        numbers: { BatchSize: mapping.batchSize, MaximumBatchingWindowInSeconds: mapping.windowSeconds },
      };
    }
  },
};

export const batchWindowRange: Rule = {
  id: 'batch-window-range',
  level: 'error',
  explain: 'Lambda takes batching windows of 0 to 300 s.',
  *check(model) {
    for (const { mapping, fifo } of kinds(model)) {
      if (fifo || !(mapping.windowSeconds < 0 || mapping.windowSeconds > MAXIMUM_WINDOW)) continue;
      yield {
        resource: mapping.id,
        problem: `MaximumBatchingWindowInSeconds is ${mapping.windowSeconds}.`,
        remedy: `Set it to 0 to ${MAXIMUM_WINDOW}.`,
        numbers: { MaximumBatchingWindowInSeconds: mapping.windowSeconds, least: 0, most: MAXIMUM_WINDOW },
      };
    }
  },
};

export const fifoWindow: Rule = {
  id: 'fifo-window',
  level: 'error',
  explain: 'Lambda has no batching window on FIFO queues.',
  *check(model) {
    for (const { mapping, fifo } of kinds(model)) {
      if (!fifo || !(Math.abs(mapping.windowSeconds) > 0)) continue;
      yield {
        resource: mapping.id,
        problem: `${mapping.queue} is a FIFO queue, and MaximumBatchingWindowInSeconds is ${mapping.windowSeconds}.`,
        remedy: 'Leave the window out.',
        numbers: { MaximumBatchingWindowInSeconds: mapping.windowSeconds },
      };
    }
  },
};

export const failuresNotReported: Rule = {
  id: 'failures-not-reported',
  level: 'error',
  explain:
    'Without ReportBatchItemFailures Lambda ignores which records failed: a report counts as success, and every failed message of the batch is deleted.',
  *check({ mappings }) {
    for (const { id, reportsFailures } of mappings) {
      if (reportsFailures) continue;
      yield {
        resource: id,
        problem: 'FunctionResponseTypes does not hold ReportBatchItemFailures.',
        remedy: 'Set functionResponseType: ReportBatchItemFailures.',
        numbers: {},
      };
    }
  },
};

export const filterDeletes: Rule = {
  id: 'filter-deletes',
  level: 'warning',
  explain: 'Lambda deletes what a filter does not match, for good: it reaches neither function nor dead-letter queue.',
  *check({ mappings }) {
    for (const { id, filters } of mappings) {
      if (!filters) continue;
      yield {
        resource: id,
        problem: 'It has FilterCriteria.',
        remedy: 'Filter before the queue (an SNS subscription can), or let the function decide.',
        numbers: {},
      };
    }
  },
};

import type { Rule } from '../rule.ts';

const LEAST = 2;
const MOST = 1000;

export const maximumConcurrencyRange: Rule = {
  id: 'maximum-concurrency-range',
  level: 'error',
  explain: 'Lambda takes a MaximumConcurrency of 2 to 1,000.',
  *check({ mappings }) {
    for (const { id, maximumConcurrency } of mappings) {
      if (!(maximumConcurrency < LEAST || maximumConcurrency > MOST)) continue;
      yield {
        resource: id,
        problem: `MaximumConcurrency is ${maximumConcurrency}.`,
        remedy: `Set it to ${LEAST} to ${MOST}; for one batch at a time use a FIFO queue with one group.`,
        numbers: { MaximumConcurrency: maximumConcurrency, least: LEAST, most: MOST },
      };
    }
  },
};

export const concurrencyOverReserved: Rule = {
  id: 'concurrency-over-reserved',
  level: 'error',
  explain:
    'Lambda polls for more batches than it may run. The rest are throttled, each burning a receive, and healthy messages are dead-lettered without ever having run. All mappings of a function share its reserved concurrency.',
  *check({ consumers }) {
    for (const [worker, shared] of Map.groupBy(consumers, (consumer) => consumer.worker)) {
      const maximum = shared.reduce((sum, { mapping }) => sum + mapping.maximumConcurrency, 0);
      if (!(maximum > worker.reservedConcurrency)) continue;
      yield {
        resource: worker.id,
        problem: `Its ${shared.length === 1 ? 'mapping runs' : `${shared.length} mappings run`} up to ${maximum} batches at once, and ReservedConcurrentExecutions is ${worker.reservedConcurrency}.`,
        remedy: `Reserve at least ${maximum}, or lower MaximumConcurrency.`,
        numbers: { MaximumConcurrency: maximum, ReservedConcurrentExecutions: worker.reservedConcurrency },
      };
    }
  },
};

export const concurrencyUnbounded: Rule = {
  id: 'concurrency-unbounded',
  level: 'warning',
  explain:
    'A mapping without MaximumConcurrency scales up to 1,250 batches at once, whatever its function has reserved; what is over that is throttled, each time burning a receive.',
  *check({ consumers }) {
    for (const { mapping, worker } of consumers) {
      const reserved = worker.reservedConcurrency >= 0;
      if (!reserved || mapping.provisioned || mapping.maximumConcurrency > 0) continue;
      yield {
        resource: mapping.id,
        problem: `It has no MaximumConcurrency, and ${worker.id} reserves ${worker.reservedConcurrency}.`,
        remedy: `Set maximumConcurrency to at most ${Math.max(LEAST, worker.reservedConcurrency)}.`,
        numbers: { ReservedConcurrentExecutions: worker.reservedConcurrency },
      };
    }
  },
};

export const concurrencyAndProvisioned: Rule = {
  id: 'concurrency-and-provisioned',
  level: 'error',
  explain: 'Lambda refuses a mapping with both MaximumConcurrency and provisioned pollers.',
  *check({ mappings }) {
    for (const { id, provisioned, maximumConcurrency } of mappings) {
      if (!provisioned || !(maximumConcurrency > 0)) continue;
      yield {
        resource: id,
        problem: `It has MaximumConcurrency ${maximumConcurrency} and a ProvisionedPollerConfig.`,
        remedy: 'Leave one of them out; MaximumPollers bounds a provisioned mapping.',
        numbers: { MaximumConcurrency: maximumConcurrency },
      };
    }
  },
};

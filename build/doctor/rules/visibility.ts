import type { Rule } from '../rule.ts';

/** Lambda recommends a visibility timeout >= 6 x function timeout + batching window. */
const TIMEOUTS = 6;

export const visibilityBelowTimeout: Rule = {
  id: 'visibility-below-timeout',
  level: 'error',
  explain:
    'Lambda refuses to create the mapping: SQS would hand messages out again while the function still works on them.',
  *check({ consumers }) {
    for (const { mapping, queue, worker } of consumers) {
      if (!(queue.visibilitySeconds < worker.timeoutSeconds)) continue;
      const least = TIMEOUTS * worker.timeoutSeconds + (mapping.windowSeconds || 0);
      yield {
        resource: queue.id,
        problem: `VisibilityTimeout is ${queue.visibilitySeconds} s, and ${worker.id} may run for ${worker.timeoutSeconds} s.`,
        remedy: `Set VisibilityTimeout to ${least}: ${TIMEOUTS} x the function's timeout + the batching window.`,
        numbers: { VisibilityTimeout: queue.visibilitySeconds, Timeout: worker.timeoutSeconds, least },
      };
    }
  },
};

export const visibilityBelowSixTimeouts: Rule = {
  id: 'visibility-below-six-timeouts',
  level: 'error',
  explain:
    'While the function is throttled, Lambda retries a batch that it already holds. When that outlasts the visibility timeout, messages are received again without having run: receives are burned and healthy messages end in the dead-letter queue. An error, since a longer timeout costs nothing (back-off sets its own).',
  *check({ consumers }) {
    for (const { mapping, queue, worker } of consumers) {
      const { visibilitySeconds } = queue;
      const least = TIMEOUTS * worker.timeoutSeconds + mapping.windowSeconds;
      // Below one timeout, `visibility-below-timeout` reports it.
      if (visibilitySeconds < worker.timeoutSeconds || !(visibilitySeconds < least)) continue;
      yield {
        resource: queue.id,
        problem: `VisibilityTimeout is ${visibilitySeconds} s; ${TIMEOUTS} x ${worker.timeoutSeconds} s (timeout of ${worker.id}) + ${mapping.windowSeconds} s (batching window) are ${least} s.`,
        remedy: `Set VisibilityTimeout to ${least} or more, or shorten the function's timeout.`,
        numbers: {
          VisibilityTimeout: visibilitySeconds,
          Timeout: worker.timeoutSeconds,
          MaximumBatchingWindowInSeconds: mapping.windowSeconds,
          least,
        },
      };
    }
  },
};

export const visibilityDiffers: Rule = {
  id: 'visibility-differs',
  level: 'warning',
  explain:
    'The function tells what came back from a killed batch by how long it was away. Told a longer time, it lets a job that kills its process take its neighbours along again; told a shorter one, it runs retried jobs one by one.',
  *check({ consumers }) {
    for (const { queue, worker } of consumers) {
      if (!(Math.abs(worker.visibilitySeconds - queue.visibilitySeconds) > 0)) continue;
      yield {
        resource: worker.id,
        problem: `VISIBILITY_TIMEOUT is ${worker.visibilitySeconds} s, and VisibilityTimeout of ${queue.id} is ${queue.visibilitySeconds} s.`,
        remedy: `Set VISIBILITY_TIMEOUT to ${queue.visibilitySeconds}.`,
        numbers: { VISIBILITY_TIMEOUT: worker.visibilitySeconds, VisibilityTimeout: queue.visibilitySeconds },
      };
    }
  },
};

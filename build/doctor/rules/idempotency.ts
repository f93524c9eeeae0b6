import { days } from '../figures.ts';
import type { Rule } from '../rule.ts';
import { pathOf, requeuedSeconds, returnsWithin } from './message-life.ts';

const DAY = 86_400;

export const recordsExpireEarly: Rule = {
  id: 'records-expire-early',
  level: 'error',
  explain:
    'The result record is what tells a duplicate. A copy of a message can lie around for as long as the queue keeps it, after up to four days of being returned to its queue, and then for as long as the dead-letter queue keeps it (a copy made by the worker starts anew); redriven after its record has expired, the job is done twice.',
  *check(model) {
    for (const { queue, worker } of model.consumers) {
      // Part of the main queue's path.
      if (queue.id === worker.retryQueue?.queue) continue;
      // The contract says 24 hours: docs/fifo.md has what that means.
      if (worker.keepsContract) continue;
      const path = pathOf(model, queue, worker.retryQueue?.queue);
      const least = returnsWithin(path);
      const requeued = requeuedSeconds(queue);
      const kept = worker.resultTtlDays * DAY;
      if (!(kept < least)) continue;
      const parts = path.map((each) => `${days(each.retentionSeconds)} in ${each.id}`).join(', ');
      yield {
        resource: worker.id,
        problem: `RESULT_TTL_DAYS is ${worker.resultTtlDays}; a message may return after ${days(least)}: ${requeued > 0 ? `${days(requeued)} of requeues, ` : ''}${parts}.`,
        remedy: `Set RESULT_TTL_DAYS (resultTtlDays) to at least ${Math.ceil(least / DAY)}, or shorten the retention.`,
        numbers: { RESULT_TTL_DAYS: worker.resultTtlDays, leastDays: least / DAY },
      };
    }
  },
};

export const recordsNeverExpire: Rule = {
  id: 'records-never-expire',
  level: 'warning',
  explain:
    'The worker writes when a record expires, but the table does not act on it: it grows, and its bill, for ever.',
  *check({ functions, tables }) {
    for (const { table: id, resultTtlDays } of functions.values()) {
      const table = tables.get(id ?? '');
      if (!table || table.expires || Number.isNaN(resultTtlDays)) continue;
      yield {
        resource: table.id,
        problem: `RESULT_TTL_DAYS is ${resultTtlDays}, and time to live is off.`,
        remedy: 'Set TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }.',
        numbers: { RESULT_TTL_DAYS: resultTtlDays },
      };
    }
  },
};

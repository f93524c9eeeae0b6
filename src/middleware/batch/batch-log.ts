import type { Logger } from '@aws-lambda-powertools/logger';
import type { ReportMiddleware } from './context.ts';

/** One log line for each invocation, however large its batch. All lines of the invocation carry its ids. */
export function batchLog(log: Logger): ReportMiddleware {
  return {
    before: function addLambdaContext({ context }) {
      log.addContext(context);
    },
    after: function logBatch({ context: { report } }) {
      const { durations, started, ...counts } = report;
      log.info('batch_processed', {
        status: 'success',
        details: { ...counts, ms: Math.round(performance.now() - started) },
      });
    },
    onError: function logFailedBatch({ error }) {
      log.error('batch_failed', { details: { error: error?.message, name: error?.name } });
    },
  };
}

import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type middy from '@middy/core';
import type { Context, SQSEvent } from 'aws-lambda';
import { type BatchMetrics, MAX_VALUES } from '../../telemetry/metrics.ts';
import { Report } from '../../telemetry/report.ts';

/** Said also where they are 0; the others appear once there is something to count. */
const ALWAYS = new Set(['MessagesReceived', 'MessagesSaved', 'MessagesDeleted', 'MessagesDeadLettered']);

/** One log line and one metrics document for each invocation, whatever its batch holds. */
export function invocationReport(
  log: Logger,
  metrics: BatchMetrics,
): middy.MiddlewareObj<SQSEvent, unknown, Error, Context & { report: Report }> {
  const started = new WeakMap<object, number>();
  return {
    before: function openReport({ event, context }) {
      log.addContext(context);
      const report = new Report();
      report.records = event.Records.length;
      context.report = report;
      started.set(report, performance.now());
    },
    after: function closeReport({ context: { report } }) {
      publish(metrics, report);
      const { durations, ...counts } = report;
      const ms = Math.round(performance.now() - (started.get(report) ?? 0));
      log.info('batch_processed', { status: 'success', details: { ...counts, ms } });
    },
    onError: function reportFailure({ error }) {
      log.error('batch_failed', { details: { error: error?.message, name: error?.name } });
      metrics.clearMetrics();
    },
  };
}

function publish(metrics: BatchMetrics, { verdicts, errors, ...report }: Report): void {
  const counts: Record<string, number> = {
    MessagesReceived: report.records,
    MessagesSaved: verdicts.done,
    DuplicateMessages: verdicts.duplicate,
    InvalidMessages: report.invalid,
    MessagesDeleted: report.acknowledged,
    MessagesRetried: verdicts.retry,
    MessagesDeadLettered: verdicts.dead,
    MessagesDeferred: verdicts.deferred,
    MessagesNotStarted: verdicts.notStarted,
    MessagesReturned: report.returned,
    MessagesUnfinished: report.unfinished,
    DynamoDBCheckError: errors.ledgerCheck,
    DynamoDBSaveError: errors.ledgerSave,
    SQSSendError: errors.queueSend,
    SQSVisibilityError: errors.queueVisibility,
  };
  for (const [name, count] of Object.entries(counts)) {
    if (count > 0 || ALWAYS.has(name)) metrics.addMetric(name, MetricUnit.Count, count);
  }
  const durations = sampled(report.durations).map((ms) => Math.round(ms * 1000) / 1000);
  metrics.addValues('JobDuration', MetricUnit.Milliseconds, durations);
  metrics.publishStoredMetrics();
}

/** All values, or as many evenly spaced ones of the sorted values as one document holds: percentiles stay true. */
export function sampled(values: readonly number[]): readonly number[] {
  if (values.length <= MAX_VALUES) return values;
  const sorted = Float64Array.from(values).sort();
  return Array.from(
    { length: MAX_VALUES },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (MAX_VALUES - 1))] as number,
  );
}

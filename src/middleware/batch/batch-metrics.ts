import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { type BatchMetrics, MAX_VALUES } from '../../telemetry/metrics.ts';
import type { Report } from '../../telemetry/report.ts';
import type { ReportMiddleware } from './context.ts';

/** Published even where they are 0. The other metrics are published only where there is something to count. */
const ALWAYS = new Set(['MessagesReceived', 'MessagesSaved', 'MessagesDeleted', 'MessagesDeadLettered']);

/**
 * One metrics document for each invocation. It is filled and written in one go, without waiting, so that overlapping
 * invocations of one process do not mix.
 */
export function batchMetrics(metrics: BatchMetrics): ReportMiddleware {
  return {
    after: function publishBatch({ context: { report } }) {
      publish(metrics, report);
    },
  };
}

function publish(metrics: BatchMetrics, { verdicts, errors, groups, ...report }: Report): void {
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
    MessagesRequeued: report.requeued,
    MessagesDelayed: report.delayed,
    MessagesHandedOver: report.handedOver,
    MessagesBlocked: report.blocked,
    MessagesUnfinished: report.unfinished,
    DynamoDBCheckError: errors.ledgerCheck,
    DynamoDBSaveError: errors.ledgerSave,
    SQSSendError: errors.queueSend,
    SQSVisibilityError: errors.queueVisibility,
    SQSDeleteError: errors.queueDelete,
    SQSGetURLError: errors.queueUrl,
    // Without a dimension: a metric of each group would cost more than its messages.
    GroupedMessages: groups?.messages ?? 0,
    MessageGroups: groups?.distinct ?? 0,
    LargestMessageGroup: groups?.largest.messages ?? 0,
  };
  for (const [name, count] of Object.entries(counts)) {
    if (count > 0 || ALWAYS.has(name)) metrics.addMetric(name, MetricUnit.Count, count);
  }
  const durations = sampled(report.durations).map((ms) => Math.round(ms * 1000) / 1000);
  metrics.addValues('JobDuration', MetricUnit.Milliseconds, durations);
  metrics.publishStoredMetrics();
}

/**
 * All values; or, where there are more than one document holds, evenly spaced ones of the sorted values. So percentiles
 * stay true.
 */
export function sampled(values: readonly number[]): readonly number[] {
  if (values.length <= MAX_VALUES) return values;
  const sorted = Float64Array.from(values).sort();
  return Array.from(
    { length: MAX_VALUES },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (MAX_VALUES - 1))] as number,
  );
}

import type { PropertyReader } from './properties.ts';
import type { Find } from './read-references.ts';

interface Metric {
  MetricName?: unknown;
  Dimensions?: { Name?: unknown; Value?: unknown }[];
}

/**
 * The queues for which an alarm watches the waiting messages, directly or as one metric of an expression.
 *
 * An alarm on `NumberOfMessagesSent` does not count. That metric leaves out messages that a redrive policy moves, so
 * the dead-letter queue could fill without an alarm.
 */
export function watchedQueues(alarms: readonly PropertyReader[], find: Find): Set<string> {
  const metrics = alarms.flatMap(metricsOf).filter(({ MetricName }) => MetricName === WAITING);
  const dimensions = metrics.flatMap(({ Dimensions }) => Dimensions ?? []);
  return new Set(dimensions.filter(({ Name }) => Name === 'QueueName').map(({ Value }) => find(String(Value))));
}

const WAITING = 'ApproximateNumberOfMessagesVisible';

function metricsOf(read: PropertyReader): Metric[] {
  const own = { MetricName: read.value('MetricName'), Dimensions: listOf(read.value('Dimensions')) } as Metric;
  const queries = listOf(read.value('Metrics')) as { MetricStat?: { Metric?: Metric } }[];
  return [own, ...queries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])];
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

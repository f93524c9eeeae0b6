import { Metrics, type MetricUnit } from '@aws-lambda-powertools/metrics';
import type { EmfOutput } from '@aws-lambda-powertools/metrics/types';

/** A metric of one document holds at most 100 values [CloudWatch embedded metric format]. */
export const MAX_VALUES = 100;

/**
 * Powertools' Metrics, with a method that adds all values of a metric at once. Powertools itself reads the environment
 * again for each value.
 */
export class BatchMetrics extends Metrics {
  readonly #lists = new Map<string, readonly number[]>();

  /** @param values at most `MAX_VALUES`; with none there is no such metric in this document */
  addValues(name: string, unit: (typeof MetricUnit)[keyof typeof MetricUnit], values: readonly number[]): void {
    const [first] = values;
    if (first === undefined) return;
    this.addMetric(name, unit, first);
    this.#lists.set(name, values);
  }

  override serializeMetrics(): EmfOutput {
    return { ...super.serializeMetrics(), ...Object.fromEntries(this.#lists) };
  }

  override clearMetrics(): void {
    super.clearMetrics();
    this.#lists.clear();
  }
}

/** The service's metrics: namespace `Sluice`, dimensions `service` and `stage`. */
export function createMetrics(stage: string): BatchMetrics {
  return new BatchMetrics({ namespace: 'Sluice', serviceName: 'sluice', defaultDimensions: { stage } });
}

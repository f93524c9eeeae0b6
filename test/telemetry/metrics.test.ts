import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { BatchMetrics } from '../../src/telemetry/metrics.ts';

function documentsOf(publish: (metrics: BatchMetrics) => void): Record<string, unknown>[] {
  const metrics = new BatchMetrics({ namespace: 'Test', serviceName: 'test' });
  const written: string[] = [];
  Object.assign(metrics, { console: { log: (line: string) => written.push(line) } });
  publish(metrics);
  return written.map((line) => JSON.parse(line));
}

test('a hundred values of a metric are one document, in their order, beside the single values', () => {
  const values = Array.from({ length: 100 }, (_, i) => i / 4);
  const [document, ...more] = documentsOf((metrics) => {
    metrics.addMetric('Saved', MetricUnit.Count, 3);
    metrics.addValues('Duration', MetricUnit.Milliseconds, values);
    metrics.publishStoredMetrics();
  });
  expect(document).toMatchObject({ Saved: 3, Duration: values, service: 'test' });
  expect(document?._aws).toMatchObject({
    CloudWatchMetrics: [
      {
        Metrics: [
          { Name: 'Saved', Unit: 'Count' },
          { Name: 'Duration', Unit: 'Milliseconds' },
        ],
      },
    ],
  });
  expect(more).toEqual([]);
});

test('values are gone with their document, and no values are no metric', () => {
  const [, second] = documentsOf((metrics) => {
    metrics.addValues('Duration', MetricUnit.Milliseconds, [1, 2]);
    metrics.publishStoredMetrics();
    metrics.addMetric('Saved', MetricUnit.Count, 1);
    metrics.addValues('Duration', MetricUnit.Milliseconds, []);
    metrics.publishStoredMetrics();
  });
  expect(second).toMatchObject({ Saved: 1 });
  expect(second).not.toHaveProperty('Duration');
});

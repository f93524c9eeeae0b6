import { dashboardTemplate } from '../../infra/dashboard.js';
import { batchMetrics } from '../../src/middleware/batch/batch-metrics.ts';
import type { BatchMetrics } from '../../src/telemetry/metrics.ts';
import { Report } from '../../src/telemetry/report.ts';

interface Widget {
  type: string;
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title: string; metrics?: [string, string, ...unknown[]][]; alarms?: string[] };
}

const SERVICE = {
  prefix: 'sluice-x',
  service: 'sluice',
  stage: 'x',
  store: 'dynamodb' as const,
  isInVpc: false,
  isProtected: false,
  alarmEmail: '',
  topics: ['orders'],
  queues: { jobs: {} },
  functions: { jobs: {} },
  tables: { results: { name: 'outbox', partitionKey: 'JobID' } },
  permissions: {},
};

function widgetsOf(service: typeof SERVICE): Widget[] {
  const { DashboardName, DashboardBody } = dashboardTemplate(service).Resources.Dashboard.Properties;
  expect(DashboardName).toBe('sluice-x');
  return JSON.parse(DashboardBody['Fn::Sub']).widgets;
}

const metricsOf = (widgets: Widget[]) => widgets.flatMap(({ properties }) => properties.metrics ?? []);
const named = (widgets: Widget[], namespace: string) =>
  new Set(metricsOf(widgets).flatMap(([space, name]) => (space === namespace ? [name] : [])));

test('the metrics that the specification names are on it', () => {
  const widgets = widgetsOf(SERVICE);
  expect(named(widgets, 'AWS/SQS')).toEqual(
    new Set([
      'ApproximateNumberOfMessagesVisible',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateAgeOfOldestMessage',
      'NumberOfMessagesSent',
      'NumberOfMessagesReceived',
      'NumberOfMessagesDeleted',
    ]),
  );
  expect(named(widgets, 'AWS/Lambda')).toEqual(
    new Set(['Invocations', 'Errors', 'Duration', 'ConcurrentExecutions', 'Throttles']),
  );
  expect(named(widgets, 'AWS/DynamoDB')).toEqual(
    new Set(['ConsumedWriteCapacityUnits', 'ConsumedReadCapacityUnits', 'WriteThrottleEvents', 'ReadThrottleEvents']),
  );
  expect(metricsOf(widgets)).toContainEqual(expect.arrayContaining([`\${JobsDeadLetterQueue.QueueName}`]));
});

test('our own metrics on it are exactly those that functions publish', () => {
  const published = new Set<string>();
  const add = (name: string) => published.add(name);
  const metrics = { addMetric: add, addValues: add, publishStoredMetrics() {} };
  const report = new Report(1);
  for (const counts of [report.verdicts, report.errors]) {
    for (const name of Object.keys(counts)) Object.assign(counts, { [name]: 1 });
  }
  Object.assign(report, { invalid: 1, requeued: 1, delayed: 1, blocked: 1, unfinished: 1 });
  report.groups = { messages: 1, distinct: 1, largest: { id: 'tenant', messages: 1 } };
  report.durations.push(1);
  batchMetrics(metrics as unknown as BatchMetrics).after?.({ context: { report } } as never);
  expect(named(widgetsOf(SERVICE), 'Sluice')).toEqual(published);
});

test('a topic shows what was published, delivered, filtered out and lost', () => {
  const widgets = widgetsOf(SERVICE);
  expect(named(widgets, 'AWS/SNS')).toEqual(
    new Set([
      'NumberOfMessagesPublished',
      'NumberOfNotificationsDelivered',
      'NumberOfNotificationsFilteredOut',
      'NumberOfNotificationsFailed',
      'NumberOfNotificationsRedrivenToDlq',
      'NumberOfNotificationsFailedToRedriveToDlq',
      'NumberOfNotificationsFilteredOut-InvalidMessageBody',
    ]),
  );
  expect(metricsOf(widgets)).toContainEqual(expect.arrayContaining([`\${OrdersTopic.TopicName}`]));
  expect(named(widgetsOf({ ...SERVICE, topics: [] }), 'AWS/SNS')).toEqual(new Set());
});

test('a new queue, function or table appears by itself', () => {
  const more = widgetsOf({
    ...SERVICE,
    queues: { ...SERVICE.queues, 'late-mails': {} },
    functions: { ...SERVICE.functions, mails: {} },
    tables: { ...SERVICE.tables, states: { name: 'states', partitionKey: 'id' } },
  } as typeof SERVICE);
  const names = new Set(metricsOf(more).map((metric) => metric[3]));
  for (const reference of ['LateDashmailsQueue.QueueName', 'MailsLambdaFunction', 'StatesTable']) {
    expect(names).toContain(`\${${reference}}`);
  }
  expect(more[0]?.properties.alarms).toEqual(
    expect.arrayContaining([`\${LateDashmailsDeadLettersAlarm.Arn}`, `\${MailsErrorsAlarm.Arn}`]),
  );
});

test('no two widgets overlap, and none is wider than the dashboard', () => {
  const widgets = widgetsOf(SERVICE);
  const cells = widgets.flatMap(({ x, y, width, height }) =>
    Array.from({ length: width * height }, (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const { x, width } of widgets) expect(x + width).toBeLessThanOrEqual(24);
});

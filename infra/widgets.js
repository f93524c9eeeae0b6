/** The content of the dashboard's rows. A metric is `[namespace, name, dimension, value, ..., options]`. */

/** The names that src/middleware/batch/batch-metrics.ts publishes. */
const OUTCOMES = [
  'MessagesReceived',
  'MessagesSaved',
  'MessagesDeleted',
  'DuplicateMessages',
  'MessagesRetried',
  'MessagesDeferred',
  'MessagesNotStarted',
  'MessagesRequeued',
  'MessagesDelayed',
];
const TROUBLES = [
  'InvalidMessages',
  'MessagesDeadLettered',
  'MessagesBlocked',
  'MessagesUnfinished',
  'DynamoDBCheckError',
  'DynamoDBSaveError',
  'SQSSendError',
  'SQSVisibilityError',
  'SQSDeleteError',
  'SQSGetURLError',
];

/** @param {string} service @param {string} stage the dimensions of our own metrics */
export function rowsOfJobs(service, stage) {
  const of = (/** @type {string} */ name, options = {}) => [
    'Sluice',
    name,
    'service',
    service,
    'stage',
    stage,
    options,
  ];
  return [
    graph(
      'Jobs: outcomes',
      'Sum',
      OUTCOMES.map((name) => of(name)),
    ),
    graph(
      'Jobs: troubles',
      'Sum',
      TROUBLES.map((name) => of(name)),
    ),
    graph('Jobs: duration, ms', 'p50', percentiles(of, 'JobDuration')),
  ];
}

/** @param {string} service @param {string} stage the same, of batches whose messages have groups */
export function rowsOfGroups(service, stage) {
  const of = (/** @type {string} */ name, options = {}) => [
    'Sluice',
    name,
    'service',
    service,
    'stage',
    stage,
    options,
  ];
  return [
    graph('Message groups: messages', 'Sum', [of('GroupedMessages')]),
    graph('Message groups: in one batch', 'Maximum', [
      of('MessageGroups', { label: 'groups' }),
      of('LargestMessageGroup', { label: 'messages of the largest' }),
    ]),
  ];
}

/** @param {string} name @param {string} id */
export function rowsOfTopic(name, id) {
  const of = (/** @type {string} */ metric, /** @type {string} */ label) => [
    'AWS/SNS',
    metric,
    'TopicName',
    `\${${id}Topic.TopicName}`,
    { label },
  ];
  return [
    // A delivery is one message to one queue. What a filter keeps from a queue is counted by what the filter looks at.
    graph(`Topic ${name}: messages`, 'Sum', [
      of('NumberOfMessagesPublished', 'published'),
      of('NumberOfNotificationsDelivered', 'delivered'),
      of('NumberOfNotificationsFilteredOut', 'filtered out'),
    ]),
    graph(`Topic ${name}: troubles`, 'Sum', [
      of('NumberOfNotificationsFailed', 'not delivered'),
      of('NumberOfNotificationsRedrivenToDlq', 'to a DLQ instead'),
      of('NumberOfNotificationsFailedToRedriveToDlq', 'lost'),
      of('NumberOfNotificationsFilteredOut-InvalidMessageBody', 'filtered out: no JSON'),
    ]),
  ];
}

/** @param {string} name @param {string} id @param {string} [deadLetters] logical id; without it they are in another row */
export function rowsOfQueue(name, id, deadLetters) {
  const of = (/** @type {string} */ metric, options = {}, queue = `${id}Queue`) => [
    'AWS/SQS',
    metric,
    'QueueName',
    `\${${queue}.QueueName}`,
    options,
  ];
  return [
    graph(`Queue ${name}: depth`, 'Maximum', [
      of('ApproximateNumberOfMessagesVisible', { label: 'waiting' }),
      of('ApproximateNumberOfMessagesNotVisible', { label: 'in flight' }),
      ...(deadLetters ? [of('ApproximateNumberOfMessagesVisible', { label: 'dead letters' }, deadLetters)] : []),
    ]),
    graph(`Queue ${name}: age of the oldest message, s`, 'Maximum', [of('ApproximateAgeOfOldestMessage')]),
    graph(
      `Queue ${name}: messages`,
      'Sum',
      ['NumberOfMessagesSent', 'NumberOfMessagesReceived', 'NumberOfMessagesDeleted'].map((metric) => of(metric)),
    ),
  ];
}

/** @param {string} name @param {string} id */
export function rowsOfFunction(name, id) {
  const of = (/** @type {string} */ metric, options = {}) => [
    'AWS/Lambda',
    metric,
    'FunctionName',
    `\${${id}LambdaFunction}`,
    options,
  ];
  return [
    graph(
      `Function ${name}: invocations`,
      'Sum',
      ['Invocations', 'Errors', 'Throttles'].map((metric) => of(metric)),
    ),
    graph(`Function ${name}: duration, ms`, 'p50', percentiles(of, 'Duration')),
    graph(`Function ${name}: concurrency`, 'Maximum', [of('ConcurrentExecutions')]),
  ];
}

/** @param {string} name @param {string} id */
export function rowsOfTable(name, id) {
  const of = (/** @type {string} */ metric) => ['AWS/DynamoDB', metric, 'TableName', `\${${id}Table}`, {}];
  return [
    graph(
      `Table ${name}: consumed units`,
      'Sum',
      ['ConsumedWriteCapacityUnits', 'ConsumedReadCapacityUnits'].map((metric) => of(metric)),
    ),
    graph(
      `Table ${name}: throttled`,
      'Sum',
      ['WriteThrottleEvents', 'ReadThrottleEvents'].map((metric) => of(metric)),
    ),
  ];
}

/** @param {(metric: string, options: object) => unknown[]} of @param {string} metric */
const percentiles = (of, metric) => ['p50', 'p99', 'Maximum'].map((stat) => of(metric, { stat, label: stat }));

/** @param {string} title @param {string} stat @param {unknown[][]} metrics */
const graph = (title, stat, metrics) => ({
  title,
  metrics,
  stat,
  region: `\${AWS::Region}`,
  view: 'timeSeries',
  period: 60,
});

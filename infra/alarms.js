import { topicTemplate } from './alarm-topic.js';
import { logicalId, retryNameOf } from './names.js';
import { readService } from './service.js';

/**
 * Called by the framework for `${file(infra/alarms.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 */
export async function template(framework) {
  const service = await readService(framework);
  const topic = topicTemplate(service.prefix, service.alarmEmail);
  return { Resources: { ...topic.Resources, ...alarms(service) }, Outputs: topic.Outputs };
}

/**
 * Three alarms for each queue, two for its retry queue, one for each function, one more for each function that consumes
 * queues, and one for each topic; and one for a stage that has FIFO queues. All go to `AlarmTopic`.
 *
 * @param {Pick<import('./service.js').Service, 'prefix' | 'service' | 'stage' | 'functions' | 'topics'>
 *   & { queues: Record<string, { fifo?: boolean, retryQueue?: object }> }} declared the queues by short name
 */
export function alarms({ prefix, service, stage, queues, functions, topics }) {
  return Object.assign(
    {},
    ...Object.keys(queues).map((name) => ({
      ...ofWaiting(logicalId(name), `${prefix}-${name}`),
      ...ofDeadLetters(logicalId(name), `${prefix}-${name}`),
    })),
    ...Object.entries(queues)
      .filter(([, { retryQueue }]) => retryQueue)
      .map(([name]) => ofWaiting(logicalId(retryNameOf(name)), `${prefix}-${retryNameOf(name)}`)),
    ...Object.keys(functions).map((name) => ofFunction(logicalId(name), `${prefix}-${name}`, name)),
    ...Object.entries(functions)
      .filter(([, { events = [] }]) => events.some(({ sqs }) => sqs))
      .map(([name]) => ofConsumer(logicalId(name), `${prefix}-${name}`, name)),
    ...topics.map((name) => ofTopic(logicalId(name), `${prefix}-${name}`)),
    Object.values(queues).some(({ fifo }) => fifo) ? ofGroups(prefix, service, stage) : {},
  );
}

/**
 * A group that waits for an operator is looked at every half hour at least, so an hour without a look means that none waits.
 *
 * @param {string} prefix @param {string} service @param {string} stage the dimensions of our own metrics
 */
function ofGroups(prefix, service, stage) {
  return {
    BlockedGroupsAlarm: alarm(`${prefix}-blocked`, 'A message group waits for a decision', 'blocked-group', {
      Namespace: 'Sluice',
      MetricName: 'MessagesBlocked',
      Dimensions: [
        { Name: 'service', Value: service },
        { Name: 'stage', Value: stage },
      ],
      Statistic: 'Sum',
      Threshold: 0,
      Period: 3600,
    }),
  };
}

/** @param {string} id @param {string} queueName */
function ofWaiting(id, queueName) {
  return {
    [`${id}DepthAlarm`]: alarm(`${queueName}-depth`, 'More than 1,000 messages wait', 'queue-depth', {
      ...queueMetric('ApproximateNumberOfMessagesVisible', `${id}Queue`),
      Threshold: 1000,
    }),
    [`${id}AgeAlarm`]: alarm(
      `${queueName}-age`,
      'The oldest message has waited for more than 300 s',
      'oldest-message',
      {
        ...queueMetric('ApproximateAgeOfOldestMessage', `${id}Queue`),
        Threshold: 300,
      },
    ),
  };
}

/** @param {string} id @param {string} queueName */
function ofDeadLetters(id, queueName) {
  return {
    // Not NumberOfMessagesSent, which does not count what the redrive policy moves.
    [`${id}DeadLettersAlarm`]: alarm(
      `${queueName}-dead-letters`,
      'The dead-letter queue is not empty',
      'dead-letters',
      {
        ...queueMetric('ApproximateNumberOfMessagesVisible', `${id}DeadLetterQueue`),
        Threshold: 0,
      },
    ),
  };
}

/** @param {string} id @param {string} prefix @param {string} name */
function ofFunction(id, prefix, name) {
  return {
    [`${id}ErrorsAlarm`]: alarm(
      `${prefix}-errors`,
      `More than 10 invocations of the ${name} function failed in a minute`,
      'function-errors',
      {
        ...functionMetric('Errors', id),
        Threshold: 10,
      },
    ),
  };
}

/** @param {string} id @param {string} prefix @param {string} name of a function that consumes queues */
function ofConsumer(id, prefix, name) {
  return {
    [`${id}RecursionAlarm`]: alarm(
      `${prefix}-recursion`,
      `Lambda took messages for a loop, and kept them from the ${name} function`,
      'recursion',
      {
        ...functionMetric('RecursiveInvocationsDropped', id),
        Threshold: 0,
      },
    ),
  };
}

/** @param {string} id @param {string} topicName */
function ofTopic(id, topicName) {
  return {
    // A message to a queue without room for it, or that may not be sent to: it is in the queue's DLQ, if that took it.
    [`${id}UndeliveredAlarm`]: alarm(
      `${topicName}-undelivered`,
      'A queue of the topic did not get a message',
      'undelivered',
      {
        Namespace: 'AWS/SNS',
        MetricName: 'NumberOfNotificationsFailed',
        Dimensions: [{ Name: 'TopicName', Value: { 'Fn::GetAtt': [`${id}Topic`, 'TopicName'] } }],
        Statistic: 'Sum',
        Threshold: 0,
      },
    ),
  };
}

/** @param {string} metric @param {string} id logical id of a function, without its suffix */
function functionMetric(metric, id) {
  return {
    Namespace: 'AWS/Lambda',
    MetricName: metric,
    Dimensions: [{ Name: 'FunctionName', Value: { Ref: `${id}LambdaFunction` } }],
    Statistic: 'Sum',
  };
}

/** @param {string} metric @param {string} queue logical id */
function queueMetric(metric, queue) {
  return {
    Namespace: 'AWS/SQS',
    MetricName: metric,
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
    Statistic: 'Maximum',
  };
}

/** @param {string} name @param {string} description @param {string} page of docs/runbooks @param {object} metric */
function alarm(name, description, page, metric) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: name,
      AlarmDescription: `${description}. What to do: docs/runbooks/${page}.md`,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      Period: 60,
      TreatMissingData: 'notBreaching',
      // The people who get the alarm also need to know when it is over.
      AlarmActions: [{ Ref: 'AlarmTopic' }],
      OKActions: [{ Ref: 'AlarmTopic' }],
      ...metric,
    },
  };
}

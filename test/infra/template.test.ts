import { readFileSync } from 'node:fs';

interface Template {
  // biome-ignore lint/suspicious/noExplicitAny: properties differ by type
  Resources: Record<string, { Type: string; Properties: any }>;
  Outputs: Record<string, unknown>;
}

/** As `serverless package` made it for a stage that serverless.yml does not name. */
const { Resources, Outputs }: Template = JSON.parse(
  readFileSync('.sluice/test/cloudformation-template-update-stack.json', 'utf8'),
);
const properties = (id: string) => Resources[id]?.Properties;

test('physical names are predictable', () => {
  expect(properties('JobsQueue').QueueName).toBe('sluice-test-jobs');
  expect(properties('JobsDeadLetterQueue').QueueName).toBe('sluice-test-jobs-dlq');
  expect(properties('JobsLambdaFunction').FunctionName).toBe('sluice-test-jobs');
  expect(properties('ResultsTable')).toMatchObject({
    TableName: 'job-results-outbox-v1-test',
    KeySchema: [{ AttributeName: 'JobID', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  });
});

test('the visibility timeout is six times the function’s timeout and the window', () => {
  expect(properties('JobsLambdaFunction').Timeout).toBe(2);
  expect(properties('JobsQueue').VisibilityTimeout).toBe(6 * 2 + 1);
});

test('the mapping reports partial failures, with bounded concurrency, batch size and window as parameters', () => {
  expect(properties('JobsEventSourceMappingSQSJobsQueue')).toMatchObject({
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    BatchSize: 50,
    MaximumBatchingWindowInSeconds: 1,
    ScalingConfig: { MaximumConcurrency: 2 },
  });
});

test('what the function is told of its queue is what the queue does', () => {
  const { MAX_RECEIVE_COUNT, VISIBILITY_TIMEOUT } = properties('JobsLambdaFunction').Environment.Variables;
  expect(Number(VISIBILITY_TIMEOUT)).toBe(properties('JobsQueue').VisibilityTimeout);
  expect(Number(MAX_RECEIVE_COUNT)).toBe(properties('JobsQueue').RedrivePolicy.maxReceiveCount);
});

test('the FIFO consumer counts runs, keeps its records by the contract, and may send to its dead-letter queue alone', () => {
  const { QUEUE_URL, TABLE_NAME, TABLE_KEY, RESULT_TTL_DAYS, MAX_RECEIVE_COUNT } =
    properties('EntriesLambdaFunction').Environment.Variables;
  expect({ QUEUE_URL, TABLE_NAME, TABLE_KEY, RESULT_TTL_DAYS: Number(RESULT_TTL_DAYS) }).toEqual({
    QUEUE_URL: { Ref: 'EntriesQueue' },
    TABLE_NAME: { Ref: 'ProcessedTable' },
    TABLE_KEY: 'message_id',
    RESULT_TTL_DAYS: 1,
  });
  expect(Number(MAX_RECEIVE_COUNT)).toBe(5);
  expect(properties('ProcessedTable')).toMatchObject({
    TableName: 'processed_messages-test',
    KeySchema: [{ AttributeName: 'message_id', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
  });
  const mapping = properties('EntriesEventSourceMappingSQSEntriesQueue');
  expect(mapping).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  expect(mapping).not.toHaveProperty('MaximumBatchingWindowInSeconds');
  expect(properties('EntriesLambdaFunction')).not.toHaveProperty('RecursiveLoop');
  const statements = JSON.stringify(properties('EntriesRole').Policies[0].PolicyDocument.Statement);
  expect(statements).not.toContain('ResultsTable');
  expect(statements).toContain('"sqs:SendMessage","Resource":[{"Fn::GetAtt":["EntriesDeadLetterQueue","Arn"]}]');
});

test('every alarm names the page that says what to do, and the list of pages knows its threshold', () => {
  const alarms = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  expect(alarms.length).toBeGreaterThanOrEqual(5);
  const overview = readFileSync('docs/runbooks/README.md', 'utf8');
  for (const { Properties } of alarms) {
    const [, page = ''] = /docs\/runbooks\/([a-z-]+\.md)$/.exec(Properties.AlarmDescription) ?? [];
    expect(readFileSync(`docs/runbooks/${page}`, 'utf8')).toMatch(/^# .*\n\n\*\*What it means\.\*\*/);
    expect(overview).toContain(`(${page})`);
  }
});

test('every function has a role of its own, and there is no other role', () => {
  const roles = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties: { Role } }) => Role['Fn::GetAtt'][0]);
  expect(new Set(roles).size).toBe(roles.length);
  expect(Object.keys(Resources).filter((id) => Resources[id]?.Type === 'AWS::IAM::Role')).toEqual(roles);
});

test('functions run on arm64, are traced, keep their logs for a time, and reserve no concurrency unless told to', () => {
  expect(properties('JobsLambdaFunction')).toMatchObject({
    Architectures: ['arm64'],
    TracingConfig: { Mode: 'Active' },
  });
  expect(properties('JobsLogGroup')).toEqual({ LogGroupName: '/aws/lambda/sluice-test-jobs', RetentionInDays: 30 });
  expect(properties('JobsLambdaFunction')).not.toHaveProperty('ReservedConcurrentExecutions');
});

test('a function that sends messages back to its own queue is no loop that Lambda should end', () => {
  expect(properties('JobsLambdaFunction').RecursiveLoop).toBe('Allow');
});

test('the alarms of a queue and its function are those that the runbooks list', () => {
  const alarms = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .filter(({ Properties: { AlarmName } }) => AlarmName.startsWith('sluice-test-jobs-'))
    .map(({ Properties: { AlarmName, MetricName, Threshold, ComparisonOperator } }) => [
      AlarmName,
      MetricName,
      Threshold,
      ComparisonOperator,
    ]);
  expect(alarms.sort()).toEqual([
    ['sluice-test-jobs-age', 'ApproximateAgeOfOldestMessage', 300, 'GreaterThanThreshold'],
    ['sluice-test-jobs-dead-letters', 'ApproximateNumberOfMessagesVisible', 0, 'GreaterThanThreshold'],
    ['sluice-test-jobs-depth', 'ApproximateNumberOfMessagesVisible', 1000, 'GreaterThanThreshold'],
    ['sluice-test-jobs-errors', 'Errors', 10, 'GreaterThanThreshold'],
    ['sluice-test-jobs-recursion', 'RecursiveInvocationsDropped', 0, 'GreaterThanThreshold'],
  ]);
});

test('every alarm tells the topic when it begins and when it is over', () => {
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::CloudWatch::Alarm') continue;
    expect(Properties).toMatchObject({ AlarmActions: [{ Ref: 'AlarmTopic' }], OKActions: [{ Ref: 'AlarmTopic' }] });
  }
});

test('the outputs name queue, dead-letter queue, table, topic and dashboard', () => {
  expect(Object.keys(Outputs)).toEqual(
    expect.arrayContaining([
      'JobsQueueUrl',
      'JobsDeadLetterQueueUrl',
      'ResultsTableName',
      'AlarmTopicArn',
      'DashboardUrl',
    ]),
  );
});

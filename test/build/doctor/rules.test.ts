import { readdirSync } from 'node:fs';
import { rules } from '../../../build/doctor/rules.ts';
import { broken, type Changes, diagnose, template } from './world.ts';

const DAY = 86_400;
const FIFO: Changes = {
  'Queue.FifoQueue': true,
  'Queue.QueueName': 'work.fifo',
  'Dead.FifoQueue': true,
  'Dead.QueueName': 'work-dlq.fifo',
  'Queue.RedrivePolicy.maxReceiveCount': 1000,
  'Mapping.BatchSize': 10,
  'Mapping.MaximumBatchingWindowInSeconds': undefined,
};
const SECOND_QUEUE = {
  Type: 'AWS::SQS::Queue',
  Properties: {
    ReceiveMessageWaitTimeSeconds: 20,
    MaximumMessageSize: 1_048_576,
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
  },
};
const SECOND_MAPPING = {
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
    FunctionName: { Ref: 'Worker' },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 5 },
  },
};

/** A retry queue that the function consumes beside its main queue. */
const RETRY_QUEUE: Changes = {
  Second: { ...SECOND_QUEUE, Properties: { ...SECOND_QUEUE.Properties, VisibilityTimeout: 181, DelaySeconds: 30 } },
  'Second.RedrivePolicy.maxReceiveCount': 5,
  RetryMapping: {
    ...SECOND_MAPPING,
    Properties: { ...SECOND_MAPPING.Properties, EventSourceArn: { 'Fn::GetAtt': ['Second', 'Arn'] } },
  },
  'Worker.Environment.Variables.RETRY_QUEUE_URL': { Ref: 'Second' },
  'Worker.Environment.Variables.RETRY_QUEUE_DELAY': '30',
};

interface Example {
  /** Breaks the rule at the resource, by these numbers. */
  fails: Changes;
  at: string;
  numbers?: Record<string, number>;
  /** As near to the failing example as passes. */
  passes: Changes;
  /** Rules that the failing example cannot but break too. */
  also?: string[];
}

const EXAMPLES: Record<string, Example> = {
  'visibility-below-timeout': {
    fails: { 'Queue.VisibilityTimeout': 29 },
    at: 'Queue',
    numbers: { VisibilityTimeout: 29, Timeout: 30, least: 181 },
    passes: { 'Queue.VisibilityTimeout': 30 },
  },
  'visibility-below-six-timeouts': {
    fails: { 'Queue.VisibilityTimeout': 180 },
    at: 'Queue',
    numbers: { VisibilityTimeout: 180, Timeout: 30, MaximumBatchingWindowInSeconds: 1, least: 181 },
    passes: { 'Queue.VisibilityTimeout': 181 },
  },
  'visibility-differs': {
    fails: { 'Worker.Environment.Variables.VISIBILITY_TIMEOUT': '180' },
    at: 'Worker',
    numbers: { VISIBILITY_TIMEOUT: 180, VisibilityTimeout: 181 },
    passes: { 'Worker.Environment.Variables.VISIBILITY_TIMEOUT': '181' },
  },
  'receive-count-low': {
    fails: { 'Queue.RedrivePolicy.maxReceiveCount': 2, 'Worker.Environment.Variables.MAX_RECEIVE_COUNT': '2' },
    at: 'Queue',
    numbers: { maxReceiveCount: 2, least: 3 },
    passes: { 'Queue.RedrivePolicy.maxReceiveCount': 3, 'Worker.Environment.Variables.MAX_RECEIVE_COUNT': '3' },
  },
  'receive-count-high': {
    fails: { 'Queue.RedrivePolicy.maxReceiveCount': 6, 'Worker.Environment.Variables.MAX_RECEIVE_COUNT': '6' },
    at: 'Queue',
    numbers: { maxReceiveCount: 6, most: 5 },
    passes: {},
  },
  'receive-count-differs': {
    fails: { 'Worker.Environment.Variables.MAX_RECEIVE_COUNT': '4' },
    at: 'Worker',
    numbers: { MAX_RECEIVE_COUNT: 4, maxReceiveCount: 5 },
    passes: { 'Worker.Environment.Variables.MAX_RECEIVE_COUNT': undefined },
  },
  'receive-count-fifo': {
    fails: { ...FIFO, 'Queue.RedrivePolicy.maxReceiveCount': 49 },
    at: 'Queue',
    numbers: { maxReceiveCount: 49, least: 50 },
    passes: { ...FIFO, 'Queue.RedrivePolicy.maxReceiveCount': 50 },
  },
  'retry-queue-unconsumed': {
    fails: { ...RETRY_QUEUE, RetryMapping: undefined },
    at: 'Worker',
    passes: RETRY_QUEUE,
    also: ['dead-letter-shared'],
  },
  'retry-delay-differs': {
    fails: { ...RETRY_QUEUE, 'Worker.Environment.Variables.RETRY_QUEUE_DELAY': '29' },
    at: 'Worker',
    numbers: { RETRY_QUEUE_DELAY: 29, DelaySeconds: 30 },
    passes: RETRY_QUEUE,
  },
  'dead-letter-queue-missing': {
    fails: { 'Queue.RedrivePolicy': undefined, 'Worker.Environment.Variables.MAX_RECEIVE_COUNT': undefined },
    at: 'Queue',
    passes: { Mapping: undefined, 'Queue.RedrivePolicy': undefined },
  },
  'dead-letter-circle': {
    fails: { 'Queue.RedrivePolicy.deadLetterTargetArn': { 'Fn::GetAtt': ['Queue', 'Arn'] } },
    at: 'Queue',
    also: ['dead-letter-retention'],
    passes: {
      Last: SECOND_QUEUE,
      'Last.RedrivePolicy': undefined,
      'Last.MessageRetentionPeriod': 14 * DAY,
      'Dead.RedrivePolicy': { deadLetterTargetArn: { 'Fn::GetAtt': ['Last', 'Arn'] }, maxReceiveCount: 3 },
    },
  },
  'dead-letter-type': {
    fails: { ...FIFO, 'Dead.FifoQueue': false, 'Dead.QueueName': 'work-dlq' },
    at: 'Queue',
    passes: FIFO,
  },
  'dead-letter-shared': {
    fails: { Second: SECOND_QUEUE },
    at: 'Dead',
    numbers: { queues: 2 },
    passes: { Second: SECOND_QUEUE, 'Second.RedrivePolicy': undefined },
  },
  'dead-letter-retention': {
    fails: { 'Queue.MessageRetentionPeriod': 14 * DAY, 'Worker.Environment.Variables.RESULT_TTL_DAYS': '32' },
    at: 'Dead',
    numbers: { MessageRetentionPeriod: 14 * DAY, Queue: 14 * DAY },
    passes: { 'Queue.MessageRetentionPeriod': 14 * DAY - 1, 'Worker.Environment.Variables.RESULT_TTL_DAYS': '32' },
  },
  'dead-letter-retention-short': {
    fails: { 'Dead.MessageRetentionPeriod': 14 * DAY - 1 },
    at: 'Dead',
    numbers: { MessageRetentionPeriod: 14 * DAY - 1, most: 14 * DAY },
    passes: { 'Dead.MessageRetentionPeriod': 14 * DAY },
  },
  'dead-letter-smaller': {
    fails: { 'Dead.MaximumMessageSize': 262_144 },
    at: 'Dead',
    numbers: { MaximumMessageSize: 262_144, Queue: 1_048_576 },
    passes: { 'Dead.MaximumMessageSize': undefined },
  },
  'dead-letters-unwatched': {
    fails: { 'Alarm.MetricName': 'NumberOfMessagesSent' },
    at: 'Dead',
    passes: { 'Alarm.Dimensions': [{ Name: 'QueueName', Value: 'work-dlq' }] },
  },
  'batch-size-range': {
    fails: { ...FIFO, 'Mapping.BatchSize': 11 },
    at: 'Mapping',
    numbers: { BatchSize: 11, least: 1, most: 10 },
    passes: FIFO,
  },
  'batch-window-missing': {
    fails: { 'Mapping.BatchSize': 11, 'Mapping.MaximumBatchingWindowInSeconds': undefined },
    at: 'Mapping',
    numbers: { BatchSize: 11, MaximumBatchingWindowInSeconds: 0 },
    passes: { 'Mapping.BatchSize': 10, 'Mapping.MaximumBatchingWindowInSeconds': undefined },
  },
  'batch-window-range': {
    fails: { 'Mapping.MaximumBatchingWindowInSeconds': 301, 'Queue.VisibilityTimeout': 481 },
    at: 'Mapping',
    numbers: { MaximumBatchingWindowInSeconds: 301, least: 0, most: 300 },
    passes: { 'Mapping.MaximumBatchingWindowInSeconds': 300, 'Queue.VisibilityTimeout': 480 },
  },
  'fifo-window': {
    fails: { ...FIFO, 'Mapping.MaximumBatchingWindowInSeconds': 1 },
    at: 'Mapping',
    numbers: { MaximumBatchingWindowInSeconds: 1 },
    passes: { ...FIFO, 'Mapping.MaximumBatchingWindowInSeconds': 0 },
  },
  'failures-not-reported': {
    fails: { 'Mapping.FunctionResponseTypes': undefined },
    at: 'Mapping',
    passes: {},
  },
  'filter-deletes': {
    fails: { 'Mapping.FilterCriteria': { Filters: [{ Pattern: '{"body":{"type":["triple"]}}' }] } },
    at: 'Mapping',
    passes: { 'Mapping.FilterCriteria': undefined },
  },
  'subscription-denied': {
    fails: { 'Policy.PolicyDocument.Statement.1.Resource': { 'Fn::GetAtt': ['Dead', 'Arn'] } },
    at: 'Queue',
    passes: { 'Policy.PolicyDocument.Statement.1.Resource': '*' },
  },
  'subscription-not-raw': {
    fails: { 'Subscription.RawMessageDelivery': undefined },
    at: 'Subscription',
    passes: { 'Subscription.RawMessageDelivery': 'true' },
  },
  'subscription-loses-messages': {
    fails: { 'Subscription.RedrivePolicy': undefined },
    at: 'Subscription',
    passes: { 'Subscription.RedrivePolicy': { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } } },
  },
  'filter-scope-missing': {
    fails: { 'Subscription.FilterPolicyScope': undefined },
    at: 'Subscription',
    passes: { 'Subscription.FilterPolicyScope': undefined, 'Subscription.FilterPolicy': undefined },
  },
  'batch-exceeds-timeout': {
    fails: { 'Queue.Metadata.Sluice.JobSeconds': 3.1 },
    at: 'Mapping',
    numbers: { BatchSize: 100, WORKER_CONCURRENCY: 10, JobSeconds: 3.1, Timeout: 30, seconds: 31 },
    passes: { 'Queue.Metadata.Sluice.JobSeconds': 3 },
  },
  'batch-starts-late': {
    fails: { 'Queue.Metadata.Sluice.JobSeconds': 2 },
    at: 'Mapping',
    numbers: { BatchSize: 100, WORKER_CONCURRENCY: 10, JobSeconds: 2, Timeout: 30, starts: 18, latest: 17.4 },
    passes: { 'Queue.Metadata.Sluice.JobSeconds': 1.9 },
  },
  'batch-exceeds-payload': {
    fails: { 'Queue.Metadata.Sluice.MessageBytes': 62_915 },
    at: 'Mapping',
    numbers: { BatchSize: 100, MessageBytes: 62_915, bytes: 6_291_500, most: 6_291_456 },
    passes: { 'Mapping.BatchSize': 6, 'Queue.Metadata.Sluice.MessageBytes': 1_048_576 },
  },
  'maximum-concurrency-range': {
    fails: { 'Mapping.ScalingConfig.MaximumConcurrency': 1 },
    at: 'Mapping',
    numbers: { MaximumConcurrency: 1, least: 2, most: 1000 },
    passes: { 'Mapping.ScalingConfig.MaximumConcurrency': 2 },
  },
  'concurrency-over-reserved': {
    fails: { Second: SECOND_MAPPING, 'Worker.ReservedConcurrentExecutions': 14 },
    at: 'Worker',
    numbers: { MaximumConcurrency: 15, ReservedConcurrentExecutions: 14 },
    passes: { Second: SECOND_MAPPING, 'Worker.ReservedConcurrentExecutions': 15 },
  },
  'concurrency-unbounded': {
    fails: { 'Mapping.ScalingConfig': undefined, 'Worker.ReservedConcurrentExecutions': 10 },
    at: 'Mapping',
    numbers: { ReservedConcurrentExecutions: 10 },
    passes: { 'Mapping.ScalingConfig': undefined },
  },
  'concurrency-and-provisioned': {
    fails: { 'Mapping.ProvisionedPollerConfig': { MinimumPollers: 2 } },
    at: 'Mapping',
    numbers: { MaximumConcurrency: 10 },
    passes: { 'Mapping.ProvisionedPollerConfig': { MinimumPollers: 2 }, 'Mapping.ScalingConfig': undefined },
  },
  'recursion-terminates': {
    fails: { 'Worker.RecursiveLoop': undefined },
    at: 'Worker',
    passes: { 'Worker.RecursiveLoop': undefined, 'Role.Policies': [] },
  },
  'records-expire-early': {
    fails: { 'Worker.Environment.Variables.RESULT_TTL_DAYS': '21' },
    at: 'Worker',
    numbers: { RESULT_TTL_DAYS: 21, leastDays: 22 },
    passes: { 'Worker.Environment.Variables.RESULT_TTL_DAYS': '22' },
  },
  'records-never-expire': {
    fails: { 'Results.TimeToLiveSpecification': undefined },
    at: 'Results',
    numbers: { RESULT_TTL_DAYS: 30 },
    passes: {
      'Results.TimeToLiveSpecification': undefined,
      'Worker.Environment.Variables.RESULT_TTL_DAYS': undefined,
    },
  },
  'payloads-expire-early': {
    fails: { 'Worker.Environment.Variables.PAYLOAD_RETENTION_DAYS': '21' },
    at: 'Worker',
    numbers: { PAYLOAD_RETENTION_DAYS: 21, leastDays: 22 },
    passes: { 'Worker.Environment.Variables.PAYLOAD_RETENTION_DAYS': '22' },
  },
  'payloads-exceed-memory': {
    fails: { 'Worker.Environment.Variables.MAX_PAYLOAD_BYTES': '8388608', 'Worker.MemorySize': 319 },
    at: 'Worker',
    numbers: { MAX_PAYLOAD_BYTES: 8_388_608, MemorySize: 319 },
    passes: { 'Worker.Environment.Variables.MAX_PAYLOAD_BYTES': '8388608', 'Worker.MemorySize': 320 },
  },
  'webhooks-unguarded': {
    fails: {
      'Results.DeletionProtectionEnabled': true,
      'Worker.Environment.Variables.WEBHOOK_PRIVATE_ADDRESSES': 'allow',
    },
    at: 'Worker',
    passes: { 'Worker.Environment.Variables.WEBHOOK_PRIVATE_ADDRESSES': 'allow' },
  },
  'webhooks-unsigned': {
    fails: {
      'Results.DeletionProtectionEnabled': true,
      'Worker.Environment.Variables.WEBHOOK_ALLOWED_HOSTS': 'hooks.example.com',
    },
    at: 'Worker',
    passes: {
      'Results.DeletionProtectionEnabled': true,
      'Worker.Environment.Variables.WEBHOOK_ALLOWED_HOSTS': 'hooks.example.com',
      'Worker.Environment.Variables.WEBHOOK_SECRETS': '{{resolve:secretsmanager:webhooks}}',
    },
  },
  'queue-limits': {
    fails: { 'Dead.ReceiveMessageWaitTimeSeconds': 21 },
    at: 'Dead',
    numbers: { ReceiveMessageWaitTimeSeconds: 21, least: 0, most: 20 },
    passes: { 'Queue.VisibilityTimeout': 43_200, 'Queue.DelaySeconds': 900 },
  },
  'function-timeout-range': {
    fails: { 'Worker.Timeout': 901, 'Queue.VisibilityTimeout': 5407 },
    at: 'Worker',
    numbers: { Timeout: 901, least: 1, most: 900 },
    passes: { 'Worker.Timeout': 900, 'Queue.VisibilityTimeout': 5401 },
  },
  'fifo-name': {
    fails: { ...FIFO, 'Queue.QueueName': 'work' },
    at: 'Queue',
    passes: { ...FIFO, 'Queue.QueueName': undefined },
  },
  'short-polling': {
    fails: { 'Dead.ReceiveMessageWaitTimeSeconds': undefined },
    at: 'Dead',
    numbers: { ReceiveMessageWaitTimeSeconds: 0 },
    passes: { 'Dead.ReceiveMessageWaitTimeSeconds': 1 },
  },
  'value-invalid': {
    fails: { 'Queue.VisibilityTimeout': 'three minutes' },
    at: 'Queue',
    passes: { 'Queue.VisibilityTimeout': '181' },
  },
  'value-unknown': {
    fails: { 'Queue.VisibilityTimeout': { 'Fn::ImportValue': 'visibility' } },
    at: 'Queue',
    passes: { 'Queue.VisibilityTimeout': { 'Fn::Select': [1, [0, 181]] } },
  },
};

test('every rule has a failing and a passing example', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(rules.map(({ id }) => id).sort());
});

test('every rule that is written is asked', async () => {
  const files = readdirSync('build/doctor/rules');
  const modules = await Promise.all(files.map((file) => import(`../../../build/doctor/rules/${file}`)));
  const written = modules.flatMap((module) => Object.values(module)).filter((each) => typeof each === 'object');
  expect(new Set(written)).toEqual(new Set(rules));
});

test('a healthy template breaks no rule, and nothing of it goes unchecked', () => {
  expect(diagnose()).toEqual({
    healthy: true,
    checked: { rules: rules.length, queues: 2, functions: 1, mappings: 1 },
    findings: [],
    notChecked: [],
  });
});

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, { level }) => {
  const { fails, at, numbers = {}, passes, also = [] } = EXAMPLES[id] as Example;

  test('names the resource with its numbers where it is broken, and nothing else', () => {
    const { findings, healthy } = diagnose(fails);
    expect(findings.filter(({ rule }) => !also.includes(rule))).toEqual([
      expect.objectContaining({ rule: id, level, resource: at, numbers }),
    ]);
    expect(healthy).toBe(level === 'warning');
  });

  test('is silent where it holds', () => {
    expect(broken(passes)).not.toContain(id);
  });
});

test.each<[string, Changes, string]>([
  ['a standard batch of 10,001', { 'Mapping.BatchSize': 10_001 }, 'batch-size-range'],
  ['an empty batch', { 'Mapping.BatchSize': 0 }, 'batch-size-range'],
  ['a concurrency of 1,001', { 'Mapping.ScalingConfig.MaximumConcurrency': 1001 }, 'maximum-concurrency-range'],
  ['a function without time', { 'Worker.Timeout': 0 }, 'function-timeout-range'],
  ['a fraction of a second', { 'Queue.VisibilityTimeout': 181.5 }, 'value-invalid'],
  ['a number that was lost in JSON', { 'Queue.VisibilityTimeout': null }, 'value-invalid'],
  ['an empty text for a number', { 'Mapping.BatchSize': '' }, 'value-invalid'],
])('%s is refused', (_, changes, rule) => {
  expect(broken(changes)).toContain(rule);
});

test.each<[string, Changes]>([
  ['a batch of one', { 'Mapping.BatchSize': 1 }],
  [
    'a batch of 10,000 tiny and quick messages',
    { 'Mapping.BatchSize': 10_000, 'Queue.Metadata.Sluice': { JobSeconds: 0.001, MessageBytes: 100 } },
  ],
  ['a concurrency of 1,000', { 'Mapping.ScalingConfig.MaximumConcurrency': 1000 }],
  ['a concurrency of all that is reserved', { 'Worker.ReservedConcurrentExecutions': 10 }],
  ['a FIFO queue with its FIFO dead-letter queue', FIFO],
])('%s is healthy', (_, changes) => {
  expect(broken(changes)).toEqual([]);
});

test('a function that may send to every queue may send to its own, one that the detection ends by name too', () => {
  const policy = { PolicyDocument: { Statement: { Effect: 'Allow', Action: 'sqs:*', Resource: '*' } } };
  expect(broken({ 'Worker.RecursiveLoop': 'Terminate', 'Role.Policies': [policy] })).toEqual(['recursion-terminates']);
});

test.each<[string, object, string[]]>([
  ['of any topic', { Condition: undefined }, []],
  ['of another topic', { Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'Alarm' } } } }, ['Queue', 'Dead']],
  ['of the account', { Condition: { StringEquals: { 'aws:SourceAccount': '000000000000' } } }, []],
  ['by everybody', { Principal: '*' }, []],
  ['of another service', { Principal: { Service: 's3.amazonaws.com' } }, ['Queue', 'Dead']],
  ['to its own dead-letter queue alone', { Resource: { 'Fn::GetAtt': ['Dead', 'Arn'] } }, ['Queue']],
  ['to its queue alone', { Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] } }, ['Dead']],
  ['that may only receive', { Action: 'sqs:ReceiveMessage' }, ['Queue', 'Dead']],
])('a policy that admits messages %s', (_, changes, denied) => {
  const { Statement } = template().Resources.Policy?.Properties?.PolicyDocument ?? { Statement: [] };
  const [deny, allow] = Statement;
  const { findings } = diagnose({ 'Policy.PolicyDocument.Statement': [deny, { ...allow, ...changes }] });
  expect(findings.map(({ rule, resource }) => `${rule} ${resource}`)).toEqual(
    denied.map((queue) => `subscription-denied ${queue}`),
  );
});

test('what another worker makes of the envelope of SNS is its own business', () => {
  const changes = {
    'Subscription.RawMessageDelivery': false,
    'Worker.Environment.Variables.WORKER_CONCURRENCY': undefined,
  };
  expect(broken(changes)).not.toContain('subscription-not-raw');
});

test.each(['*.example.com', 'http://hooks.example.com:*', 'a.example,*.b.example'])(
  'a protected stage may not deliver to %s',
  (hosts) => {
    const variables = {
      'Worker.Environment.Variables.WEBHOOK_ALLOWED_HOSTS': hosts,
      'Worker.Environment.Variables.WEBHOOK_SECRETS': 'whsec_x',
    };
    expect(broken({ ...variables, 'Results.DeletionProtectionEnabled': true })).toEqual(['webhooks-unguarded']);
    expect(broken(variables)).toEqual([]);
  },
);

test('what the doctor says of a secret does not hold it', () => {
  const variables = {
    'Results.DeletionProtectionEnabled': true,
    'Worker.Environment.Variables.WEBHOOK_SECRETS': 'whsec_SECRET',
    'Worker.Environment.Variables.WEBHOOK_PRIVATE_ADDRESSES': 'allow',
  };
  expect(JSON.stringify(diagnose(variables))).not.toContain('whsec_SECRET');
});

test('a batch that only just ends in time is warned of, not refused', () => {
  expect(broken({ 'Queue.Metadata.Sluice.JobSeconds': 3 })).toEqual(['batch-starts-late']);
});

test('a function with nothing reserved is as throttled as one with little', () => {
  const changes = { 'Mapping.ScalingConfig': undefined, 'Worker.ReservedConcurrentExecutions': 0 };
  expect(broken(changes)).toEqual(['concurrency-unbounded']);
});

test('a circle of two queues is reported for both', () => {
  const circle = { deadLetterTargetArn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, maxReceiveCount: 3 };
  const { findings } = diagnose({ 'Dead.RedrivePolicy': circle });
  const circles = findings.filter(({ rule }) => rule === 'dead-letter-circle');
  expect(circles.map(({ resource }) => resource)).toEqual(['Queue', 'Dead']);
  expect(circles[0]?.problem).toContain('Queue -> Dead -> Queue');
});

test('on FIFO queues the retention of a dead letter starts anew, so it may be as long as its queue’s', () => {
  expect(broken({ ...FIFO, 'Queue.MessageRetentionPeriod': 14 * DAY })).not.toContain('dead-letter-retention');
});

test.each([
  ['2', ['receive-count-low']],
  ['3', []],
  ['5', []],
  ['6', ['receive-count-high']],
])('on FIFO queues MAX_RECEIVE_COUNT is judged, which counts runs: %s', (count, expected) => {
  expect(broken({ ...FIFO, 'Worker.Environment.Variables.MAX_RECEIVE_COUNT': count })).toEqual(expected);
});

test('a processed_messages table keeps records for the day of its contract', () => {
  const changes = { 'Worker.Environment.Variables.RESULT_TTL_DAYS': '1' };
  expect(broken(changes)).toEqual(['records-expire-early']);
  expect(broken({ ...changes, 'Worker.Environment.Variables.TABLE_KEY': 'message_id' })).toEqual([]);
});

test('on FIFO queues nothing is requeued, so records may expire four days sooner', () => {
  const changes = { ...FIFO, 'Worker.Environment.Variables.RESULT_TTL_DAYS': '18' };
  expect(broken(changes)).toEqual([]);
  expect(broken({ ...changes, 'Worker.Environment.Variables.RESULT_TTL_DAYS': '17' })).toEqual([
    'records-expire-early',
  ]);
});

import { examine } from '../../../build/doctor/examine.ts';
import { readModel } from '../../../build/doctor/read-model.ts';
import { broken, diagnose, template } from './world.ts';

test('resources are found by reference, by name in an ARN and by name in a URL', () => {
  const arn = 'arn:aws:sqs:eu-west-1:111122223333:work';
  for (const reference of [
    { 'Fn::GetAtt': ['Queue', 'Arn'] },
    { 'Fn::GetAtt': 'Queue.Arn' },
    { 'Fn::Sub': '$'.concat('{Queue.Arn}') },
    { 'Fn::Join': [':', ['arn:aws:sqs', { Ref: 'AWS::Region' }, { Ref: 'AWS::AccountId' }, 'work']] },
    arn,
  ]) {
    const model = readModel(template({ 'Mapping.EventSourceArn': reference }));
    expect(model.consumers.map(({ queue, worker }) => [queue.id, worker.id])).toEqual([['Queue', 'Worker']]);
  }
});

test('a function is found by its alias’s ARN', () => {
  const { consumers } = readModel(
    template({ 'Mapping.FunctionName': { 'Fn::Join': [':', [{ 'Fn::GetAtt': ['Worker', 'Arn'] }, 'live']] } }),
  );
  expect(consumers).toHaveLength(1);
});

test('what the template leaves out has AWS’s default', () => {
  const { queues, functions, mappings } = readModel({
    Resources: {
      Q: { Type: 'AWS::SQS::Queue' },
      F: { Type: 'AWS::Lambda::Function' },
      M: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { EventSourceArn: { 'Fn::GetAtt': ['Q', 'Arn'] }, FunctionName: { Ref: 'F' } },
      },
    },
  });
  expect(queues.get('Q')).toMatchObject({
    fifo: false,
    visibilitySeconds: 30,
    retentionSeconds: 345_600,
    delaySeconds: 0,
    waitSeconds: 0,
    maximumMessageBytes: 1_048_576,
    redrive: undefined,
  });
  expect(functions.get('F')).toMatchObject({ timeoutSeconds: 3, reservedConcurrency: Number.NaN });
  expect(mappings).toEqual([
    {
      id: 'M',
      queue: 'Q',
      function: 'F',
      batchSize: 10,
      windowSeconds: 0,
      maximumConcurrency: Number.NaN,
      provisioned: false,
      reportsFailures: false,
      filters: false,
    },
  ]);
});

test('a resource whose condition does not hold is not examined', () => {
  const bad = { Type: 'AWS::SQS::Queue', Condition: 'Wanted', Properties: { DelaySeconds: 901 } };
  const conditions = (wanted: string) => ({ Wanted: { 'Fn::Equals': [wanted, 'yes'] } });
  const rulesFor = (wanted: string) =>
    examine({ ...template({ Extra: bad }), Conditions: conditions(wanted) }).findings.map(({ rule }) => rule);
  expect(rulesFor('no')).toEqual([]);
  expect(rulesFor('yes')).toContain('queue-limits');
});

test('a mapping of a stream is none of the doctor’s business', () => {
  const stream = 'arn:aws:kinesis:eu-west-1:111122223333:stream/clicks';
  const { checked, findings } = diagnose({ 'Mapping.EventSourceArn': stream, 'Mapping.BatchSize': 5000 });
  expect(checked.mappings).toBe(0);
  expect(findings).toEqual([]);
});

test('a queue of another stack is said not to be checked; its mapping is', () => {
  const { findings, notChecked } = diagnose({
    'Mapping.EventSourceArn': 'arn:aws:sqs:eu-west-1:111122223333:theirs.fifo',
    'Mapping.BatchSize': 11,
    'Mapping.MaximumBatchingWindowInSeconds': 0,
  });
  expect(findings.map(({ rule }) => rule)).toEqual(['batch-size-range']);
  expect(notChecked).toEqual([
    {
      resource: 'Mapping',
      because: 'its queue arn:aws:sqs:eu-west-1:111122223333:theirs.fifo is not in this template',
    },
  ]);
});

test('without a declared job time, message size or concurrency the rules on them are said not to be checked', () => {
  const { findings, notChecked } = diagnose({
    'Queue.Metadata': undefined,
    'Worker.Environment.Variables.WORKER_CONCURRENCY': undefined,
    'Mapping.BatchSize': 10_000,
  });
  expect(findings).toEqual([]);
  expect(notChecked).toEqual([
    {
      resource: 'Mapping',
      because: 'Queue declares no jobSeconds, Queue declares no messageBytes, Worker has no WORKER_CONCURRENCY',
    },
  ]);
});

test('one variable that another stack exports leaves the others readable', () => {
  expect(
    broken({
      'Worker.Environment.Variables.SECRET': { 'Fn::ImportValue': 'secret' },
      'Worker.Environment.Variables.RESULT_TTL_DAYS': '1',
    }),
  ).toEqual(['records-expire-early']);
});

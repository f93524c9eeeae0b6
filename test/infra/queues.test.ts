import { queuesTemplate } from '../../infra/queues.js';

const DECLARATIONS = {
  orders: { timeout: 10, batchWindow: 5, maxReceiveCount: 3 },
  'late-mails': { timeout: 900 },
};
const { Resources: made } = queuesTemplate('sluice-x', DECLARATIONS);

test('a declaration gives queue, dead-letter queue and policy, none of the other’s', () => {
  expect(Object.keys(made)).toEqual([
    'OrdersQueue',
    'OrdersDeadLetterQueue',
    'OrdersQueuePolicy',
    'LateDashmailsQueue',
    'LateDashmailsDeadLetterQueue',
    'LateDashmailsQueuePolicy',
  ]);
  expect(made.OrdersQueue.Properties).toMatchObject({
    QueueName: 'sluice-x-orders',
    VisibilityTimeout: 65,
    MaximumMessageSize: 1_048_576,
    ReceiveMessageWaitTimeSeconds: 20,
    SqsManagedSseEnabled: true,
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['OrdersDeadLetterQueue', 'Arn'] }, maxReceiveCount: 3 },
  });
  expect(made.OrdersDeadLetterQueue.Properties).toMatchObject({
    MessageRetentionPeriod: 14 * 86_400,
    MaximumMessageSize: 1_048_576,
    SqsManagedSseEnabled: true,
  });
  expect(made.LateDashmailsQueue.Properties).toMatchObject({
    QueueName: 'sluice-x-late-mails',
    VisibilityTimeout: 5_400,
    RedrivePolicy: { maxReceiveCount: 5 },
  });
});

test('a dead-letter queue takes the dead letters of its own queue only', () => {
  expect(made.OrdersDeadLetterQueue.Properties.RedriveAllowPolicy).toEqual({
    redrivePermission: 'byQueue',
    sourceQueueArns: [{ 'Fn::Sub': `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:sluice-x-orders` }],
  });
});

test('both queues refuse plain HTTP', () => {
  const { Queues, PolicyDocument } = made.OrdersQueuePolicy.Properties;
  expect(Queues).toEqual([{ Ref: 'OrdersQueue' }, { Ref: 'OrdersDeadLetterQueue' }]);
  expect(PolicyDocument.Statement).toHaveLength(2);
  for (const statement of PolicyDocument.Statement) {
    expect(statement).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
  }
});

test('queues outlive the stack of a protected stage, and of no other', () => {
  const { Resources: kept } = queuesTemplate('sluice-x', DECLARATIONS, { isProtected: true });
  for (const id of ['OrdersQueue', 'OrdersDeadLetterQueue']) {
    expect(kept[id]).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
    expect(made[id]).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  }
});

test('a FIFO queue orders and deduplicates in each group, and so does its dead-letter queue', () => {
  const { Resources } = queuesTemplate('sluice-x', { ledger: { timeout: 10, fifo: true, maxReceiveCount: 4 } });
  const fifo = {
    FifoQueue: true,
    ContentBasedDeduplication: true,
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
    MessageRetentionPeriod: 14 * 86_400,
  };
  expect(Resources.LedgerQueue.Properties).toMatchObject({
    QueueName: 'sluice-x-ledger.fifo',
    ...fifo,
    RedrivePolicy: { maxReceiveCount: 1_000 },
  });
  const dead = Resources.LedgerDeadLetterQueue.Properties;
  expect(dead).toMatchObject({ QueueName: 'sluice-x-ledger-dlq.fifo', ...fifo });
  expect(dead.RedriveAllowPolicy.sourceQueueArns[0]['Fn::Sub']).toMatch(/:sluice-x-ledger\.fifo$/);
});

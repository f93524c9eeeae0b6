import { tablesTemplate } from '../../infra/tables.js';

const DECLARATION = { results: { name: 'outbox-v1', partitionKey: 'JobID', ttl: 'ttl' } };

test('a table is on demand, encrypted, restorable, and can be removed with its stack', () => {
  const { Resources, Outputs } = tablesTemplate('alice', DECLARATION);
  expect(Resources.ResultsTable).toMatchObject({
    DeletionPolicy: 'Delete',
    UpdateReplacePolicy: 'Delete',
    Properties: {
      TableName: 'outbox-v1-alice',
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      DeletionProtectionEnabled: false,
    },
  });
  expect(Outputs).toEqual({ ResultsTableName: { Value: { Ref: 'ResultsTable' } } });
});

test('a protected table refuses to be deleted and outlives its stack', () => {
  expect(tablesTemplate('prod', DECLARATION, { isProtected: true }).Resources.ResultsTable).toMatchObject({
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: { DeletionProtectionEnabled: true },
  });
});

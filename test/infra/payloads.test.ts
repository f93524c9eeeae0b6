import { payloadPermissions, payloadVariables, readRetention } from '../../infra/payloads.js';
import { payloadsTemplate } from '../../infra/payloads-bucket.js';

const QUEUES = { jobs: {}, documents: { largePayloads: true }, pictures: { largePayloads: true } };

test('all queues with payloads share one bucket: private, encrypted, TLS only, without versions, and it empties itself', () => {
  const { Resources, Outputs } = payloadsTemplate(QUEUES, { retentionDays: 30 });
  expect(Object.keys(Resources)).toEqual(['PayloadsBucket', 'PayloadsBucketPolicy']);
  expect(Resources.PayloadsBucket).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  const properties = Resources.PayloadsBucket?.Properties ?? {};
  expect(properties).not.toHaveProperty('BucketName');
  expect(properties).not.toHaveProperty('VersioningConfiguration');
  expect(properties).toMatchObject({
    BucketEncryption: expect.anything(),
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true },
    LifecycleConfiguration: {
      Rules: [{ Status: 'Enabled', ExpirationInDays: 30, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }],
    },
  });
  expect(JSON.stringify(Resources.PayloadsBucketPolicy)).toContain('"aws:SecureTransport":"false"');
  expect(Outputs).toEqual({ PayloadsBucketName: { Value: { Ref: 'PayloadsBucket' } } });
});

test('a protected bucket outlives its stack, and without queues that have payloads there is none', () => {
  const { Resources } = payloadsTemplate(QUEUES, { retentionDays: 30, isProtected: true });
  expect(Resources.PayloadsBucket).toMatchObject({
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
  expect(payloadsTemplate({ jobs: {} }, { retentionDays: 30 })).toEqual({ Resources: {} });
});

test('a function may read payloads, and not write or delete them; one without payloads is told nothing of them', () => {
  const actions = payloadPermissions({ largePayloads: true }).map(({ Action }) => Action);
  expect(actions).toEqual(['s3:GetObject', 's3:ListBucket']);
  expect(payloadVariables({ largePayloads: true, maxPayloadBytes: 5 }, 7)).toEqual({
    PAYLOADS_BUCKET: { Ref: 'PayloadsBucket' },
    MAX_PAYLOAD_BYTES: 5,
    PAYLOAD_RETENTION_DAYS: 7,
  });
  expect(payloadPermissions({})).toEqual([]);
  expect(payloadVariables({ maxPayloadBytes: 5 }, 7)).toEqual({});
});

test.each(['0', '1.5', 'month', ''])('a retention of "%s" days is refused', async (value) => {
  const framework = { resolveConfigurationProperty: async () => undefined, resolveVariable: async () => value };
  await expect(readRetention(framework)).rejects.toThrow(
    `payloadRetentionDays must be a whole number from 1 to 3650, not "${value}"`,
  );
});

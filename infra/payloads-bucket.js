import { arnOf } from './names.js';
import { BUCKET, objects, readRetention } from './payloads.js';
import { readService } from './service.js';

/**
 * Called by the framework for `${file(infra/payloads-bucket.js):template}`.
 *
 * @param {import('./service.js').Framework} framework
 * @throws {DeclarationError} for a parameter `payloadRetentionDays` that is no whole number of days
 */
export async function template(framework) {
  const [{ queues, isProtected }, retentionDays] = await Promise.all([
    readService(framework),
    readRetention(framework),
  ]);
  return payloadsTemplate(queues, { retentionDays, isProtected });
}

/**
 * One bucket for the payloads of all queues that have `largePayloads`, and none where no queue has it. It is private,
 * encrypted, takes TLS only, and deletes each object after the retention. A protected one stays when its stack is removed,
 * because messages may still point to what it holds.
 *
 * @param {Record<string, { largePayloads?: boolean }>} queues declarations
 * @param {{ retentionDays: number, isProtected?: boolean }} options
 */
export function payloadsTemplate(queues, { retentionDays, isProtected = false }) {
  if (!Object.values(queues).some(({ largePayloads }) => largePayloads)) return { Resources: {} };
  const policies = isProtected
    ? { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
    : { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };
  return {
    Resources: {
      [BUCKET]: {
        Type: 'AWS::S3::Bucket',
        ...policies,
        // Without a name: those of buckets are unique in the world. And without versions, which would outlive the retention.
        Properties: {
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
          LifecycleConfiguration: {
            Rules: [
              {
                Id: 'expire',
                Status: 'Enabled',
                ExpirationInDays: retentionDays,
                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
              },
            ],
          },
        },
      },
      [`${BUCKET}Policy`]: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: BUCKET },
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Sid: 'TlsOnly',
                Effect: 'Deny',
                Principal: '*',
                Action: 's3:*',
                Resource: [arnOf(BUCKET), objects()],
                Condition: { Bool: { 'aws:SecureTransport': 'false' } },
              },
            ],
          },
        },
      },
    },
    // Where producers and the operator's tool store what is too large for SQS.
    Outputs: { PayloadsBucketName: { Value: { Ref: BUCKET } } },
  };
}

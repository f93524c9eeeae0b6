import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { ClientOverrides } from '../../src/aws/clients.ts';
import { EveryAttributeProtocol } from '../../src/aws/every-attribute.ts';
import { UsageError } from '../ending/exit.ts';
import { discover, stackNameOf } from './discovery.ts';
import { ledgerOf, ledgersOf } from './ledger.ts';
import { once } from './once.ts';
import { isMissingStack, missingStack } from './remedies.ts';
import type { Stage, Target } from './stage.ts';
import { publisher } from './topics.ts';

/** The default region of `serverless.yml`. */
const DEFAULT_REGION = 'us-east-1';

/** Milliseconds. Connecting is quick or fails; an answer may take longer. */
const REQUEST_HANDLER = { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/**
 * Makes the clients from the usual AWS environment (AWS_ENDPOINT_URL included) and finds out what the stage deployed.
 *
 * @param overrides for tests
 * @throws UsageError where there is no such stage; else what the SDK throws, for which `endingFor` knows remedies
 */
export async function connect({ stage, region, profile }: Target, overrides: ClientOverrides = {}): Promise<Stage> {
  const options = { ...(profile && { profile }), maxAttempts: 5, requestHandler: REQUEST_HANDLER, ...overrides };
  const where = region ?? (await regionOf(options)) ?? DEFAULT_REGION;
  const located = { ...options, region: where };
  const clients = {
    sqs: new SQSClient({ ...located, protocol: EveryAttributeProtocol }),
    lambda: new LambdaClient(located),
    cloudformation: new CloudFormationClient(located),
    cloudwatch: new CloudWatchClient(located),
  };
  const isElsewhere = overrides.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const s3 = once(async () => {
    const { S3Client } = await import('@aws-sdk/client-s3');
    // Another endpoint than AWS's own need not have a name for each bucket.
    return new S3Client({ ...located, forcePathStyle: isElsewhere !== undefined });
  });
  const { store, tables, ...found } = await discover(stage, clients).catch((error: unknown) => {
    throw isMissingStack(error) ? new UsageError(missingStack(stackNameOf(stage), stage, where)) : error;
  });
  const records = { store, stage, dynamodb: new DynamoDBClient(located) };
  const ledger = await ledgerOf({ ...records, tableName: found.tableName });
  const ledgers = await ledgersOf(found.queues, tables, records);
  const publish = publisher(located);
  return { name: stage, region: where, ...clients, s3, ...found, publish, ledger, ledgers };
}

/** The region of the environment or the profile, if they have one. */
async function regionOf(options: { profile?: string }): Promise<string | undefined> {
  const client = new CloudFormationClient(options);
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

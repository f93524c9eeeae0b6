import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';

/** The AWS clients of a worker function: made once per cold start, region and endpoint from the usual AWS environment. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
}

/** The SDK's own tries for one request; what outlasts them is paced by the ledger until the invocation's deadline. */
const MAX_ATTEMPTS = 3;
const REQUEST_HANDLER = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

export function createClients(): Clients {
  const options = { maxAttempts: MAX_ATTEMPTS, requestHandler: REQUEST_HANDLER };
  return { dynamodb: new DynamoDBClient(options), sqs: new SQSClient(options) };
}

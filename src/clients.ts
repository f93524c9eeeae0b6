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
  const clients = { dynamodb: new DynamoDBClient(options), sqs: new SQSClient(options) };
  // It walks every request and answer for a logger that nobody set: a tenth of the time of a write.
  for (const { middlewareStack } of Object.values(clients)) middlewareStack.remove('loggerMiddleware');
  return clients;
}

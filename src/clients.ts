import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import { StatementProtocol } from './ledger/statement-protocol.ts';

/** The AWS clients of a worker function: made once per cold start, region and endpoint from the usual AWS environment. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SQSClient;
}

/** The SDK's own tries for one request; what outlasts them is paced by the ledger until the invocation's deadline. */
const MAX_ATTEMPTS = 3;
const REQUEST_HANDLER = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/** @param overrides whatever both clients take, such as an endpoint or a request handler */
export function createClients(overrides: DynamoDBClientConfig & SQSClientConfig = {}): Clients {
  const options = { maxAttempts: MAX_ATTEMPTS, requestHandler: REQUEST_HANDLER, ...overrides };
  const clients = {
    dynamodb: new DynamoDBClient({ ...options, protocol: StatementProtocol }),
    sqs: new SQSClient(options),
  };
  // The one walks every request and answer for a logger that nobody set, the other escapes the same names each time.
  for (const { middlewareStack } of Object.values(clients)) {
    middlewareStack.remove('loggerMiddleware');
    middlewareStack.remove('getUserAgentMiddleware');
  }
  return clients;
}

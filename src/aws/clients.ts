import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { lean } from './lean-client.ts';
import { SqsApi } from './sqs-api.ts';
import { StatementProtocol } from './statement-protocol.ts';

/**
 * The AWS clients of a worker function, made once per cold start. Region and endpoint come from the usual AWS
 * environment.
 */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly sqs: SqsApi;
}

/** Options that all AWS clients take. Tests set an endpoint or a request handler. */
export type ClientOverrides = Pick<
  DynamoDBClientConfig,
  'endpoint' | 'region' | 'credentials' | 'maxAttempts' | 'requestHandler'
>;

/**
 * The SDK tries one request this often. After that the ledger retries, with pauses, until the invocation's deadline.
 */
const MAX_ATTEMPTS = 3;
const REQUEST_HANDLER = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

export function createClients(overrides: ClientOverrides = {}): Clients {
  const options = {
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: REQUEST_HANDLER,
    ...overrides,
  };
  return {
    dynamodb: lean(new DynamoDBClient({ ...options, protocol: StatementProtocol })),
    sqs: new SqsApi(options),
  };
}

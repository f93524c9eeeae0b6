import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { lean } from './lean-client.ts';
import { StatementProtocol } from './ledger/statement-protocol.ts';
import type { SqsApi } from './queues/sqs-api.ts';

/** The AWS clients of a worker function: made once per cold start, region and endpoint from the usual AWS environment. */
export interface Clients {
  readonly dynamodb: DynamoDBClient;
  /** Loaded and made by the first call: a batch in which nothing fails needs no SQS, and no cold start waits for it. */
  sqs(): Promise<SqsApi>;
}

/** What all AWS clients take alike; for tests, an endpoint or a request handler. */
export type ClientOverrides = Pick<
  DynamoDBClientConfig,
  'endpoint' | 'region' | 'credentials' | 'maxAttempts' | 'requestHandler'
>;

/** The SDK's own tries for one request; what outlasts them is paced by the ledger until the invocation's deadline. */
const MAX_ATTEMPTS = 3;
const REQUEST_HANDLER = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

export function createClients(overrides: ClientOverrides = {}): Clients {
  const options = { maxAttempts: MAX_ATTEMPTS, requestHandler: REQUEST_HANDLER, ...overrides };
  const dynamodb = lean(new DynamoDBClient({ ...options, protocol: StatementProtocol }));
  let sqs: Promise<SqsApi> | undefined;
  return {
    dynamodb,
    sqs() {
      sqs ??= import('./queues/sqs-api.ts').then(({ SqsApi }) => new SqsApi(options));
      return sqs;
    },
  };
}

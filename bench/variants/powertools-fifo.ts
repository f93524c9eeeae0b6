import { setTimeout as delay } from 'node:timers/promises';
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';

// Powertools as in its documentation for FIFO queues. A failure stops its group alone (`skipGroupOnError`), as it does with Sluice.
const client = new DynamoDBClient({});
const documents = DynamoDBDocumentClient.from(client);
const persistenceStore = new DynamoDBPersistenceLayer({ tableName: 'idempotency', awsSdkV3Client: client });
const config = new IdempotencyConfig({ eventKeyJmesPath: 'job_id' });
const processor = new SqsFifoPartialProcessorAsync();

interface Job {
  readonly job_id: string;
  readonly value: number;
  readonly ms: number;
}

const processJob = makeIdempotent(
  async ({ job_id, value, ms }: Job) => {
    await delay(ms);
    const Result = value * 3;
    await documents.send(new PutCommand({ TableName: process.env.TABLE_NAME, Item: { JobID: job_id, Result } }));
    return { Result };
  },
  { persistenceStore, config },
);

export async function handler(event: SQSEvent, context: Context) {
  config.registerLambdaContext(context);
  return await processPartialResponse(event, async ({ body }: SQSRecord) => processJob(JSON.parse(body)), processor, {
    context,
    skipGroupOnError: true,
    throwOnFullBatchFailure: false,
  });
}

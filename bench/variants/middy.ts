import validate from 'bench:precompiled-schema';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import sqsPartialBatchFailure from '@middy/sqs-partial-batch-failure';
import validator from '@middy/validator';
import type { SQSEvent, SQSRecord } from 'aws-lambda';

// Middy with its own middlewares. The idempotency is the read and then write that its users write by hand.
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const TableName = process.env.TABLE_NAME;

interface Job {
  readonly job_id: string;
  readonly value: number;
}

const runJob = middy(async ({ job_id, value }: Job) => {
  const { Item } = await documents.send(new GetCommand({ TableName, Key: { JobID: job_id }, ConsistentRead: true }));
  if (Item) return;
  await documents.send(new PutCommand({ TableName, Item: { JobID: job_id, Result: value * 3 } }));
}).use(validator({ eventSchema: validate as never }) as middy.MiddlewareObj) as unknown as (
  job: Job,
  context: object,
) => Promise<void>;

export const handler = middy<SQSEvent>()
  .use(sqsPartialBatchFailure({ logger: () => {} }) as middy.MiddlewareObj)
  .handler(((event: SQSEvent, context: object) =>
    Promise.allSettled(event.Records.map(async ({ body }: SQSRecord) => runJob(JSON.parse(body), context)))) as never);

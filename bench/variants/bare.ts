import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';

// A handler written by hand, with the least that is possible with one put for each job: no logs, no metrics, no schema
// library.
const client = new DynamoDBClient({});
const AT_ONCE = 32;

export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  let next = 0;
  const worker = async () => {
    for (let record = Records[next++]; record; record = Records[next++]) {
      try {
        await runJob(record);
      } catch {
        batchItemFailures.push({ itemIdentifier: record.messageId });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return { batchItemFailures };
}

async function runJob({ body }: SQSRecord): Promise<void> {
  const { job_id, value } = JSON.parse(body);
  if (typeof job_id !== 'string' || typeof value !== 'number') throw new Error('not a job');
  const Item = { JobID: { S: job_id }, Result: { N: String(value * 3) } };
  const ConditionExpression = 'attribute_not_exists(JobID)';
  try {
    await client.send(new PutItemCommand({ TableName: process.env.TABLE_NAME, Item, ConditionExpression }));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

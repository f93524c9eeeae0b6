import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';

/** An item of the results table, as far as the account reads it. */
export interface StoredItem {
  readonly jobId: string;
  /** `done`, or how far the job came. */
  readonly status: string;
  readonly result: unknown;
}

/** Reads the whole table, consistently. */
export async function readTable(client: DynamoDBClient, tableName: string): Promise<StoredItem[]> {
  const document = DynamoDBDocumentClient.from(client);
  const read: StoredItem[] = [];
  const pages = paginateScan({ client: document }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) {
    read.push(...Items.map(({ JobID, Status, Result }) => ({ jobId: JobID, status: Status, result: Result })));
  }
  return read;
}

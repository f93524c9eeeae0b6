import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';

/** An item of the results table, with the fields that the account reads. */
export interface StoredItem {
  readonly jobId: string;
  /** `done`, or the state in which the job is. */
  readonly status: string;
  readonly result: unknown;
}

/** Reads the whole table with consistent reads. */
export async function readTable(client: DynamoDBClient, tableName: string): Promise<StoredItem[]> {
  const document = DynamoDBDocumentClient.from(client);
  const read: StoredItem[] = [];
  const pages = paginateScan({ client: document }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) {
    read.push(...Items.map(({ JobID, Status, Result }) => ({ jobId: JobID, status: Status, result: Result })));
  }
  return read;
}

/** Reads the keys of a whole table with consistent reads. */
export async function readKeys(client: DynamoDBClient, tableName: string, keyName: string): Promise<string[]> {
  const document = DynamoDBDocumentClient.from(client);
  const keys: string[] = [];
  const pages = paginateScan({ client: document }, { TableName: tableName, ConsistentRead: true });
  for await (const { Items = [] } of pages) keys.push(...Items.map(({ [keyName]: key }) => String(key)));
  return keys;
}

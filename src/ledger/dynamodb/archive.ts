import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { JobRecord, LedgerArchive } from '../store.ts';
import { readRecord } from './statements.ts';
import type { TableKey } from './table-form.ts';

/**
 * Reads single records of the table, with their results. It is apart from the store, because the functions never read a
 * result.
 */
export class DynamoDbArchive implements LedgerArchive {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  readonly #key: TableKey;

  constructor(client: DynamoDBClient, tableName: string, key: TableKey = 'JobID') {
    this.#client = client;
    this.#tableName = tableName;
    this.#key = key;
  }

  async describe(key: string): Promise<JobRecord | undefined> {
    const command = new GetItemCommand({
      TableName: this.#tableName,
      Key: { [this.#key]: { S: key } },
      ConsistentRead: true,
    });
    const { Item } = await this.#client.send(command);
    return Item && jobRecordOf(Item);
  }
}

/** Pure. An item without our attributes, written by others, reads as done. */
export function jobRecordOf(item: Record<string, AttributeValue>): JobRecord {
  return {
    ...readRecord(item),
    type: item.Type?.S,
    error: item.Error?.S,
    failedAt: item.FailedAt?.S,
    retryAt: item.RetryAt?.S,
    claimedAt: item.ClaimedAt?.S,
    completedAt: item.CompletedAt?.S,
    handedOverAt: item.HandedOverAt?.S,
    ...(item.Result && { result: unmarshall({ Result: item.Result }).Result }),
  };
}

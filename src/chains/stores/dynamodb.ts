import { DynamoDbStore } from '../../ledger/dynamodb/store.ts';
import { TABLE_KEYS } from '../../ledger/dynamodb/table-form.ts';
import type { StoreOfEnvironment } from './store-of-environment.ts';

export const storeOfEnvironment: StoreOfEnvironment = (variables) => {
  const key = variables.oneOf('TABLE_KEY', TABLE_KEYS, 'JobID');
  return (clients, environment) => new DynamoDbStore(clients.dynamodb, environment.tableName, key);
};

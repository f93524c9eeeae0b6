import { DynamoDbStore } from '../../ledger/dynamodb/store.ts';
import type { StoreOfEnvironment } from './store-of-environment.ts';

export const storeOfEnvironment: StoreOfEnvironment = () => (clients, environment) =>
  new DynamoDbStore(clients.dynamodb, environment.tableName);

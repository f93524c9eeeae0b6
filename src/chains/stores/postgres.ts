import { PostgresStore } from '../../ledger/postgres/store.ts';
import { serverUrl } from './server-url.ts';
import type { StoreOfEnvironment } from './store-of-environment.ts';

export const storeOfEnvironment: StoreOfEnvironment = (variables) => {
  const url = serverUrl(variables, 'DATABASE_URL', ['postgres', 'postgresql']);
  return () => new PostgresStore(url);
};

import { RedisStore } from '../../ledger/redis/store.ts';
import { serverUrl } from './server-url.ts';
import type { StoreOfEnvironment } from './store-of-environment.ts';

export const storeOfEnvironment: StoreOfEnvironment = (variables) => {
  const url = serverUrl(variables, 'REDIS_URL', ['rediss', 'redis']);
  return (_, { stage }) => new RedisStore(url, `sluice:${stage}:`);
};

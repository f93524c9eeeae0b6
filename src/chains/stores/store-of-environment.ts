import type { Clients } from '../../aws/clients.ts';
import type { Environment, EnvironmentReader } from '../../env.ts';
import type { LedgerStore } from '../../ledger/store.ts';

/**
 * What `#store` stands for in a function's bundle: a file of this folder, each the one place in `src/` that knows its store. The
 * parameter `store` chooses it when the service is packaged (build/store.cjs), so that a bundle holds one store, and no client of
 * another.
 *
 * Reads what the store needs, and leaves what is wrong with it to the reader; what it answers makes the store.
 */
export type StoreOfEnvironment = (
  variables: EnvironmentReader,
) => (clients: Clients, environment: Environment) => LedgerStore;

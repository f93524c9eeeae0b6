import { ledgerContract } from './contract.ts';
import { MemoryStore } from './memory-store.ts';

ledgerContract('a store in memory', async () => {
  const store = new MemoryStore();
  return { store, archive: store, close: async () => {} };
});

import { DynamoDbArchive } from '../../../src/ledger/dynamodb/archive.ts';
import { DynamoDbStore } from '../../../src/ledger/dynamodb/store.ts';
import { startWorld } from '../../world.ts';
import { ledgerContract } from '../contract.ts';

ledgerContract('a DynamoDB table', async () => {
  const world = await startWorld();
  const { dynamodb } = world.clients;
  return {
    store: new DynamoDbStore(dynamodb, 'results'),
    archive: new DynamoDbArchive(dynamodb, 'results'),
    close: () => world.close(),
  };
});

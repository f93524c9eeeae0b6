import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { queues as declared } from '#queues';
import { TABLE_KEYS, type TableKey } from '../../src/ledger/dynamodb/table-form.ts';
import type { LedgerArchive, LedgerStore } from '../../src/ledger/store.ts';
import { UsageError } from '../ending/exit.ts';
import { declaredName } from './runs.ts';
import type { QueueOfStage, Stage } from './stage.ts';

/** What a stage's records are found by. */
export interface Records {
  /** The stack's output `Store`: `redis` or `postgres`; undefined where records are in the table. */
  readonly store: string | undefined;
  readonly stage: string;
  readonly dynamodb: DynamoDBClient;
  readonly tableName: string;
  /** The table's partition key; `JobID` by default. */
  readonly key?: TableKey;
}

/**
 * The one place of the tool that knows which store a stage has. Clients of servers are loaded where they are needed.
 *
 * @param variables where a server is, as this machine reaches it
 * @throws UsageError where that is not said
 */
export async function ledgerOf(
  { store, stage, dynamodb, tableName, key }: Records,
  variables: NodeJS.ProcessEnv = process.env,
): Promise<Stage['ledger']> {
  switch (store) {
    case undefined: {
      const { DynamoDbStore } = await import('../../src/ledger/dynamodb/store.ts');
      const { DynamoDbArchive } = await import('../../src/ledger/dynamodb/archive.ts');
      return joined(new DynamoDbStore(dynamodb, tableName, key), new DynamoDbArchive(dynamodb, tableName, key));
    }
    case 'redis': {
      const url = urlOf('REDIS_URL', stage, variables);
      const { RedisStore } = await import('../../src/ledger/redis/store.ts');
      const { RedisArchive } = await import('../../src/ledger/redis/archive.ts');
      const prefix = `sluice:${stage}:`;
      return joined(new RedisStore(url, prefix), new RedisArchive(url, prefix));
    }
    case 'postgres': {
      const url = urlOf('DATABASE_URL', stage, variables);
      const { PostgresStore } = await import('../../src/ledger/postgres/store.ts');
      const { PostgresArchive } = await import('../../src/ledger/postgres/archive.ts');
      return joined(new PostgresStore(url), new PostgresArchive(url));
    }
    default:
      throw new UsageError(`the stage ${stage} keeps its records in "${store}", which this version does not know`);
  }
}

function joined(store: LedgerStore, archive: LedgerArchive): Stage['ledger'] {
  return { open: () => store.open(), describe: (key) => archive.describe(key) };
}

function urlOf(name: string, stage: string, variables: NodeJS.ProcessEnv): string {
  const url = variables[name];
  if (url) return url;
  throw new UsageError(
    `the stage ${stage} keeps its records in a server of its own: set ${name} to where this machine reaches it, as docs/stores.md shows`,
  );
}

/**
 * The records of queues that have a table of their own, by the queue's name. In a server all records are together.
 *
 * @param tables the stage's, by logical id
 */
export async function ledgersOf(
  queues: readonly QueueOfStage[],
  tables: ReadonlyMap<string, string>,
  records: Omit<Records, 'tableName'>,
): Promise<Stage['ledgers']> {
  const ledgers = new Map<string, Stage['ledger']>();
  for (const queue of records.store === undefined ? queues : []) {
    const table = declared.get(declaredName(queue))?.table;
    const tableName = table && tables.get(table.id);
    const key = TABLE_KEYS.find((each) => each === table?.key);
    if (tableName && key) ledgers.set(queue.name, await ledgerOf({ ...records, tableName, key }));
  }
  return ledgers;
}

/** Where the records of a queue's jobs are. */
export function ledgerFor(
  { ledger, ledgers }: Pick<Stage, 'ledger' | 'ledgers'>,
  { name }: Pick<QueueOfStage, 'name'>,
) {
  return ledgers.get(name) ?? ledger;
}

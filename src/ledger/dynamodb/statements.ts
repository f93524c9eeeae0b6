import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { Entry, HandOver, LeasedRun, Status, StoredRecord } from '../record.ts';
import type { DoneContent, FailedContent, RunningContent } from '../store.ts';
import { addedWhenDone, type TableKey } from './table-form.ts';

/** A result as DynamoDB holds it; undefined where only the fact is kept. */
export type DoneItem = Omit<DoneContent, 'result'> & { readonly result: AttributeValue | undefined };

/** A store's `Content`, its result as DynamoDB holds it. */
export type ItemContent = DoneItem | RunningContent | FailedContent;

type Done = 'done' | 'fact' | 'doneHandingOver' | 'factHandingOver';
type State = Done | 'running' | 'failed';

const ENTRY = ['Type', 'Fingerprint', 'Owner', 'FencingToken', 'Status', 'ttl'];
const ATTEMPT = ['MessageId', 'Receives', 'Runs', 'Error', 'RetryAt', 'FailedAt'];
/** The attributes that each state adds, in the order of `stateValues`. */
const ADDED: Readonly<Record<State, readonly string[]>> = {
  done: ['CompletedAt', 'Result'],
  fact: ['CompletedAt'],
  doneHandingOver: ['CompletedAt', 'Result', 'HandOver'],
  factHandingOver: ['CompletedAt', 'HandOver'],
  running: ['ClaimedAt', 'LeaseUntil', 'MessageId', 'Runs', 'AloneRuns'],
  failed: ATTEMPT,
};
/**
 * The attributes of the earlier record that each state removes. The last failure stays, because operators ask for it.
 */
const REMOVED: Readonly<Record<State, readonly string[]>> = {
  done: ['ClaimedAt', 'LeaseUntil', 'HandOver', 'HandedOverAt'],
  fact: ['ClaimedAt', 'LeaseUntil', 'Result', 'HandOver', 'HandedOverAt'],
  doneHandingOver: ['ClaimedAt', 'LeaseUntil', 'HandedOverAt'],
  factHandingOver: ['ClaimedAt', 'LeaseUntil', 'Result', 'HandedOverAt'],
  running: ['CompletedAt', 'Result', 'HandOver', 'HandedOverAt'],
  failed: ['ClaimedAt', 'LeaseUntil', 'CompletedAt', 'Result', 'HandOver', 'HandedOverAt'],
};
/**
 * Every decision about who may run depends on these, and every write changes at least one of them, but for a confirmed
 * hand-over.
 */
const SEEN = ['Owner', 'Status', 'FencingToken', 'LeaseUntil', 'ttl'] as const;
/** A record's `version`: these attributes as they were read, in this order. */
type Seen = readonly (AttributeValue | undefined)[];

/** The ledger's statements for one table. All names are quoted, because several are reserved words. */
export class Statements {
  readonly #table: string;
  readonly #key: TableKey;
  readonly #whenDone: readonly string[];
  readonly #insert: Readonly<Record<State, string>>;
  readonly #complete: Readonly<Record<Done, string>>;
  readonly #confirm: string;
  readonly #release: string;
  readonly #keep: string;
  /** By state, and by which of the `SEEN` attributes the record had. */
  readonly #replace = new Map<string, string>();

  constructor(table: string, key: TableKey = 'JobID') {
    this.#table = table;
    this.#key = key;
    this.#whenDone = addedWhenDone(key);
    const insert = (state: State) => {
      const names = [key, ...ENTRY, ...this.#addedBy(state)];
      return `INSERT INTO "${table}" VALUE {${names.map((name) => `'${name}':?`).join(',')}}`;
    };
    this.#insert = {
      done: insert('done'),
      fact: insert('fact'),
      doneHandingOver: insert('doneHandingOver'),
      factHandingOver: insert('factHandingOver'),
      running: insert('running'),
      failed: insert('failed'),
    };
    // Only a running record may be marked as failed. Our result may be stored although its answer was lost, and must
    // then stay.
    const ours = `WHERE "${key}"=? AND "Owner"=? AND "Status"='running'`;
    const complete = (state: Done) =>
      `${this.#update(['Status', 'ttl', ...this.#addedBy(state)], ['LeaseUntil'])} WHERE "${key}"=? AND "Owner"=?`;
    this.#complete = {
      done: complete('done'),
      fact: complete('fact'),
      doneHandingOver: complete('doneHandingOver'),
      factHandingOver: complete('factHandingOver'),
    };
    const ofResult = `WHERE "${key}"=? AND "Owner"=? AND "Status"='done'`;
    this.#confirm = `${this.#update(['HandedOverAt'], ['HandOver'])} ${ofResult}`;
    this.#release = `${this.#update(['Status', ...ATTEMPT], ['LeaseUntil'])} ${ours}`;
    this.#keep = `${this.#update(['Status', ...ATTEMPT], [])} ${ours}`;
  }

  /** Writes a record where there is none; `DuplicateItem` where the key exists. Either way it costs one plain write. */
  insert(entry: Entry, content: ItemContent): BatchStatementRequest {
    return {
      Statement: this.#insert[stateOf(content)],
      Parameters: [{ S: entry.key }, ...this.#values(entry, 1, content)],
    };
  }

  /** Replaces a record that counts as absent, if it is still as it was read. */
  replace(entry: Entry, content: ItemContent, { fencingToken, version }: StoredRecord): BatchStatementRequest {
    const seen = version as Seen;
    const state = stateOf(content);
    const key = `${state} ${seen.map((value) => (value ? 1 : 0)).join('')}`;
    let Statement = this.#replace.get(key);
    if (!Statement) {
      const conditions = SEEN.map((name, i) => ` AND "${name}"${seen[i] ? '=?' : ' IS MISSING'}`);
      const set = [...ENTRY, ...this.#addedBy(state)];
      Statement = `${this.#update(set, this.#removedBy(state))} WHERE "${this.#key}"=?${conditions.join('')}`;
      this.#replace.set(key, Statement);
    }
    const conditions = seen.filter((value) => value !== undefined);
    const written = this.#values(entry, fencingToken + 1, content);
    return { Statement, Parameters: [...written, { S: entry.key }, ...conditions] };
  }

  /** Turns our own lease into a result. Fails where another run has taken the lease over. */
  complete(entry: Entry, content: DoneItem): BatchStatementRequest {
    const written = [{ S: content.status }, { N: String(content.ttl) }, ...this.#stateValues(content)];
    return {
      Statement: this.#complete[doneState(content)],
      Parameters: [...written, { S: entry.key }, { S: entry.owner }],
    };
  }

  /** Removes a hand-over that was sent. */
  confirm({ key, owner }: HandOver, at: string): BatchStatementRequest {
    return { Statement: this.#confirm, Parameters: [{ S: at }, { S: key }, { S: owner }] };
  }

  /** Ends our own lease without a result. */
  release(entry: Entry, content: FailedContent): BatchStatementRequest {
    const written = [{ S: content.status }, ...stateValues(content)];
    return { Statement: this.#release, Parameters: [...written, { S: entry.key }, { S: entry.owner }] };
  }

  /** Notes a failed run, and lets our own lease last. */
  keep(entry: Entry, content: FailedContent): BatchStatementRequest {
    return { ...this.release(entry, content), Statement: this.#keep };
  }

  #addedBy(state: State): readonly string[] {
    return isDone(state) ? [...ADDED[state], ...this.#whenDone] : ADDED[state];
  }

  #removedBy(state: State): readonly string[] {
    return isDone(state) ? REMOVED[state] : [...REMOVED[state], ...this.#whenDone];
  }

  /** In the order of `ENTRY`, then what the state adds. */
  #values(entry: Entry, fencingToken: number, content: ItemContent): AttributeValue[] {
    return [
      { S: entry.type },
      { S: entry.fingerprint },
      { S: entry.owner },
      { N: String(fencingToken) },
      { S: content.status },
      { N: String(content.ttl) },
      ...this.#stateValues(content),
    ];
  }

  #stateValues(content: ItemContent): AttributeValue[] {
    const written = stateValues(content);
    if (content.status === 'done' && this.#whenDone.length > 0) {
      written.push({ N: String(Math.floor(Date.parse(content.at) / 1000)) });
    }
    return written;
  }

  #update(names: readonly string[], removed: readonly string[]): string {
    const set = names.map((name) => ` SET "${name}"=?`).join('');
    return `UPDATE "${this.#table}"${set}${removed.map((name) => ` REMOVE "${name}"`).join('')}`;
  }
}

function stateOf(content: ItemContent): State {
  if (content.status === 'done') return doneState(content);
  return content.status === 'dead' ? 'failed' : content.status;
}

function doneState({ result, handOver }: DoneItem): Done {
  if (handOver === undefined) return result ? 'done' : 'fact';
  return result ? 'doneHandingOver' : 'factHandingOver';
}

function isDone(state: State): boolean {
  return state !== 'running' && state !== 'failed';
}

function stateValues(content: ItemContent): AttributeValue[] {
  switch (content.status) {
    case 'done': {
      const { at, result, handOver } = content;
      const values = result ? [{ S: at }, result] : [{ S: at }];
      if (handOver !== undefined) values.push({ S: handOver });
      return values;
    }
    case 'running':
      return [{ S: content.at }, { N: String(content.leaseUntil) }, ...runValues(content.run)];
    default: {
      const { messageId, receives, runs, error, retryAt } = content.attempt;
      const counts = [{ S: messageId }, { N: String(receives) }, { N: String(runs) }];
      return [...counts, { S: error }, { S: retryAt }, { S: content.at }];
    }
  }
}

function runValues({ messageId, runs, aloneRuns }: LeasedRun): AttributeValue[] {
  return [{ S: messageId }, { N: String(runs) }, { N: String(aloneRuns) }];
}

/**
 * The attributes that `readRecord` needs, besides the key. The result is not among them, because it may be large. What is handed over may be,
 * too, but is there only until it is confirmed.
 */
export const RECORD_PROJECTION = {
  ProjectionExpression:
    'Fingerprint, FencingToken, LeaseUntil, MessageId, Receives, Runs, AloneRuns, HandOver, #key, #owner, #status, #ttl',
  ExpressionAttributeNames: { '#owner': 'Owner', '#status': 'Status', '#ttl': 'ttl' },
};

/** A stored item as a record. An item without our attributes, written by others, reads as done and has no owner. */
export function readRecord(item: Record<string, AttributeValue>): StoredRecord {
  return {
    status: (item.Status?.S ?? 'done') as Status,
    fingerprint: item.Fingerprint?.S ?? '',
    owner: item.Owner?.S ?? '',
    fencingToken: Number(item.FencingToken?.N ?? 0),
    leaseUntil: Number(item.LeaseUntil?.N ?? 0),
    ttl: Number(item.ttl?.N ?? Number.POSITIVE_INFINITY),
    messageId: item.MessageId?.S ?? '',
    runs: Number(item.Runs?.N ?? 0),
    receives: Number(item.Receives?.N ?? 0),
    aloneRuns: Number(item.AloneRuns?.N ?? 0),
    ...(item.HandOver?.S !== undefined && { handOver: item.HandOver.S }),
    version: SEEN.map((name) => item[name]) satisfies Seen,
  };
}

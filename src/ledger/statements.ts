import type { AttributeValue, BatchStatementRequest } from '@aws-sdk/client-dynamodb';
import type { Entry, Status, StoredRecord } from './record.ts';

/** What a run writes into its job's place, besides the entry itself. */
export interface Content {
  readonly status: Status;
  readonly result?: AttributeValue;
  /** Milliseconds since the epoch; only with `running`. */
  readonly leaseUntil?: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Seconds since the epoch. */
  readonly ttl: number;
}

/** The statements of the ledger, for one table. Names are quoted throughout: several of them are reserved words. */
export class Statements {
  readonly #insertDone: string;
  readonly #insertRunning: string;
  readonly #replaceDone: string;
  readonly #replaceRunning: string;
  readonly #complete: string;
  readonly #release: string;

  constructor(table: string) {
    const insert = (names: string[]) =>
      `INSERT INTO "${table}" VALUE {${names.map((name) => `'${name}':?`).join(',')}}`;
    const update = (names: string[], removed: string[], also = '') =>
      `UPDATE "${table}" ${names.map((name) => `SET "${name}"=?`).join(' ')}` +
      `${removed.map((name) => ` REMOVE "${name}"`).join('')} WHERE "JobID"=? AND "Owner"=?${also}`;
    const entry = ['Type', 'Fingerprint', 'Owner', 'FencingToken', 'Status', 'ttl'];
    this.#insertDone = insert(['JobID', ...entry, 'CompletedAt', 'Result']);
    this.#insertRunning = insert(['JobID', ...entry, 'ClaimedAt', 'LeaseUntil']);
    this.#replaceDone = update([...entry, 'CompletedAt', 'Result'], ['ClaimedAt', 'LeaseUntil']);
    this.#replaceRunning = update([...entry, 'ClaimedAt', 'LeaseUntil'], ['CompletedAt', 'Result']);
    this.#complete = update(['Status', 'ttl', 'CompletedAt', 'Result'], ['LeaseUntil']);
    // A result of ours whose answer was lost must not be undone.
    this.#release = update(['Status'], ['LeaseUntil'], ` AND "Status"='running'`);
  }

  /** Takes an empty place; `DuplicateItem` where the key exists, at the price of one plain write. */
  insert(entry: Entry, content: Content): BatchStatementRequest {
    const Statement = content.status === 'done' ? this.#insertDone : this.#insertRunning;
    return { Statement, Parameters: [{ S: entry.key }, ...values(entry, 1, content)] };
  }

  /** Takes the place of a record that counts as absent, if it is still the one that was read. */
  replace(entry: Entry, content: Content, stored: StoredRecord): BatchStatementRequest {
    const Statement = content.status === 'done' ? this.#replaceDone : this.#replaceRunning;
    const parameters = values(entry, stored.fencingToken + 1, content);
    return { Statement, Parameters: [...parameters, { S: entry.key }, { S: stored.owner }] };
  }

  /** Turns our own lease into a result; fails where another run has taken it over. */
  complete(entry: Entry, content: Content & { result: AttributeValue }): BatchStatementRequest {
    const written = [{ S: content.status }, { N: String(content.ttl) }, { S: content.at }, content.result];
    return { Statement: this.#complete, Parameters: [...written, { S: entry.key }, { S: entry.owner }] };
  }

  /** Ends our own lease without a result. */
  release(entry: Entry, status: 'failed' | 'dead'): BatchStatementRequest {
    return { Statement: this.#release, Parameters: [{ S: status }, { S: entry.key }, { S: entry.owner }] };
  }
}

/** In the order of `entry` above, then the two that differ by status. */
function values(entry: Entry, fencingToken: number, content: Content): AttributeValue[] {
  return [
    { S: entry.type },
    { S: entry.fingerprint },
    { S: entry.owner },
    { N: String(fencingToken) },
    { S: content.status },
    { N: String(content.ttl) },
    { S: content.at },
    content.result ?? { N: String(content.leaseUntil) },
  ];
}

/** The attributes that `readRecord` needs. Not the result: it may be large. */
export const RECORD_PROJECTION = {
  ProjectionExpression: 'JobID, Fingerprint, FencingToken, LeaseUntil, #owner, #status, #ttl',
  ExpressionAttributeNames: { '#owner': 'Owner', '#status': 'Status', '#ttl': 'ttl' },
};

/** A stored item as a record. An item that somebody else wrote, without our attributes, reads as done by nobody. */
export function readRecord(item: Record<string, AttributeValue>): StoredRecord {
  return {
    status: (item.Status?.S ?? 'done') as Status,
    fingerprint: item.Fingerprint?.S ?? '',
    owner: item.Owner?.S ?? '',
    fencingToken: Number(item.FencingToken?.N ?? 0),
    leaseUntil: Number(item.LeaseUntil?.N ?? 0),
    ttl: Number(item.ttl?.N ?? Number.POSITIVE_INFINITY),
  };
}

import { resultText } from '../../src/ledger/json-result.ts';
import type { Entry, HandOver, StoredRecord } from '../../src/ledger/record.ts';
import { bytesBeside } from '../../src/ledger/result-rules.ts';
import type {
  Content,
  DoneContent,
  FailedContent,
  JobRecord,
  LedgerArchive,
  LedgerStore,
  StoreSession,
} from '../../src/ledger/store.ts';
import { ledgerUnavailable } from '../../src/ledger/unavailable.ts';

/** The smallest store there can be: what the contract means, and the model that real stores are compared with. */
export class MemoryStore implements LedgerStore, LedgerArchive {
  readonly #records = new Map<string, JobRecord>();

  open(): StoreSession {
    return new MemorySession(this.#records);
  }

  async describe(key: string): Promise<JobRecord | undefined> {
    return this.#records.get(key);
  }
}

class MemorySession implements StoreSession {
  readonly errors = { check: 0, save: 0 };
  readonly #records: Map<string, JobRecord>;
  #closed = false;

  constructor(records: Map<string, JobRecord>) {
    this.#records = records;
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    this.#check();
    return this.#records.get(key);
  }

  async insert(entry: Entry, content: Content): Promise<boolean> {
    this.#check();
    if (this.#records.has(entry.key)) return false;
    this.#put(entry, 1, content);
    return true;
  }

  async replace(entry: Entry, content: Content, stored: StoredRecord): Promise<boolean> {
    this.#check();
    const found = this.#records.get(entry.key);
    if (!found || found.version !== stored.version) return false;
    this.#put(entry, stored.fencingToken + 1, content, found);
    return true;
  }

  async finish(entry: Entry, content: DoneContent): Promise<boolean> {
    this.#check();
    const found = this.#records.get(entry.key);
    if (found?.owner !== entry.owner) return false;
    this.#put(entry, found.fencingToken, content, found);
    return true;
  }

  async fail(entry: Entry, content: FailedContent, lease: 'ends' | 'lasts'): Promise<void> {
    this.#check();
    const found = this.#records.get(entry.key);
    if (found?.owner !== entry.owner || found.status !== 'running') return;
    const leaseUntil = lease === 'lasts' ? found.leaseUntil : 0;
    this.#put(entry, found.fencingToken, content, found);
    this.#records.set(entry.key, { ...(this.#records.get(entry.key) as JobRecord), leaseUntil });
  }

  async confirm({ key, owner }: HandOver, at: string): Promise<void> {
    this.#check();
    const found = this.#records.get(key);
    if (found?.owner !== owner || found.status !== 'done') return;
    this.#records.set(key, { ...found, handOver: undefined, handedOverAt: at });
  }

  async pause(): Promise<void> {
    this.#check();
  }

  flush(): void {}

  close(): void {
    this.#closed = true;
  }

  #check(): void {
    if (this.#closed) throw ledgerUnavailable('it is closed');
  }

  #put({ key, type, fingerprint, owner }: Entry, fencingToken: number, content: Content, before?: JobRecord): void {
    const { status, at, ttl } = content;
    if (content.status === 'done') {
      const most = bytesBeside(content.handOver);
      if (content.result !== undefined) resultText(content.result, most);
    }
    const attempt = 'attempt' in content ? content.attempt : undefined;
    const run = 'run' in content ? content.run : undefined;
    this.#records.set(key, {
      ...{ key, type, fingerprint, owner, fencingToken, status, ttl, version: Symbol() },
      leaseUntil: content.status === 'running' ? content.leaseUntil : 0,
      messageId: (attempt ?? run ?? before)?.messageId ?? '',
      runs: (attempt ?? run ?? before)?.runs ?? 0,
      receives: attempt?.receives ?? before?.receives ?? 0,
      aloneRuns: run?.aloneRuns ?? before?.aloneRuns ?? 0,
      error: attempt?.error ?? before?.error,
      retryAt: attempt?.retryAt ?? before?.retryAt,
      failedAt: attempt ? at : before?.failedAt,
      claimedAt: status === 'running' ? at : undefined,
      completedAt: status === 'done' ? at : undefined,
      handedOverAt: undefined,
      ...(content.status === 'done' && { result: content.result, handOver: content.handOver }),
    } as JobRecord);
  }
}

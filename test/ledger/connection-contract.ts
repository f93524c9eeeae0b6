import { setTimeout as delay } from 'node:timers/promises';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerStore, StoreSession } from '../../src/ledger/store.ts';
import { LedgerUnavailable } from '../../src/ledger/unavailable.ts';
import { FickleProxy } from './fickle-proxy.ts';

type ServerStore = LedgerStore & { close(): void };

/** A store behind a network that fails, and a first session of it. */
export class FickleWorld {
  readonly proxy: FickleProxy;
  readonly store: ServerStore;
  readonly session: StoreSession;
  readonly ledger: Ledger;

  private constructor(proxy: FickleProxy, store: ServerStore) {
    this.proxy = proxy;
    this.store = store;
    ({ session: this.session, ledger: this.ledger } = this.open());
  }

  /** @param storeAt makes a store of the server as it is at another port */
  static async before(port: number, storeAt: (port: number) => ServerStore): Promise<FickleWorld> {
    const proxy = await FickleProxy.before(port);
    return new FickleWorld(proxy, storeAt(proxy.port));
  }

  open(from: LedgerStore = this.store): { session: StoreSession; ledger: Ledger } {
    const session = from.open();
    const options = { store: session, leaseUntil: Date.now() + 60_000, resultTtlDays: 30, now: Date.now };
    return { session, ledger: new Ledger(options) };
  }

  async close(): Promise<void> {
    this.session.close();
    this.store.close();
    await this.proxy.close();
  }
}

export const entry = (key: string) => ({ key, type: 'test', fingerprint: 'f', owner: `of-${key}` });

/**
 * What holds for every store that is a server behind a connection.
 *
 * @param world of the test that runs
 * @param stored counts the records on the server
 */
export function connectionContract(world: () => FickleWorld, stored: () => Promise<unknown>): void {
  test('connections that are cut again and again cost tries, and no result', async () => {
    const { proxy, ledger, session } = world();
    const cutting = setInterval(() => proxy.cut(), 15);
    const answers: unknown[] = [];
    try {
      for (let i = 0; i < 30; i++) {
        const keys = Array.from({ length: 20 }, (_, n) => `${i}-${n}`);
        answers.push(...(await Promise.all(keys.map((key) => ledger.store(entry(key), key)))));
        // A fast server would be done before the first cut.
        if (i % 10 === 0) await delay(20);
      }
    } finally {
      clearInterval(cutting);
    }
    expect(answers).toEqual(answers.map(() => 'stored'));
    expect(await stored()).toBe(600);
    expect(session.errors.save).toBeGreaterThan(0);
  });

  test('a server that is down is asked again at a pace, and used when it is up', async () => {
    const { proxy, ledger, session } = world();
    proxy.down();
    const storing = ledger.store(entry('k'), 1);
    await delay(500);
    expect(session.errors.save).toBeLessThan(20);
    proxy.up();
    expect(await storing).toBe('stored');
  });

  test('a server that says nothing any more is given up after seconds, and another connection asked', async () => {
    const { proxy, ledger } = world();
    await ledger.store(entry('before'), 1);
    proxy.mute();
    const storing = ledger.store(entry('k'), 1);
    setTimeout(() => proxy.up(), 1_000);
    expect(await storing).toBe('stored');
    expect(proxy.accepted).toBe(2);
  });

  test('after close nothing is under way, whatever the server does', async () => {
    const { proxy, ledger, session } = world();
    await ledger.store(entry('before'), 1);
    proxy.mute();
    const storing = expect(ledger.store(entry('k'), 1)).rejects.toBeInstanceOf(LedgerUnavailable);
    await delay(50);
    session.close();
    await storing;
    await delay(50);
    expect(proxy.open).toBe(0);
  });

  test('sessions that follow each other share a connection; those at once do not', async () => {
    const { proxy, ledger, session } = world();
    await ledger.store(entry('a'), 1);
    session.close();
    const [next, other] = [world().open(), world().open()];
    await Promise.all([next.ledger.store(entry('b'), 1), other.ledger.store(entry('c'), 1)]);
    next.session.close();
    other.session.close();
    expect(proxy.accepted).toBe(2);
  });
}

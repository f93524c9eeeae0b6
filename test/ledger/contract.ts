import fc from 'fast-check';
import { Deferred, PayloadConflict } from '../../src/failures/errors.ts';
import { Ledger, type Written } from '../../src/ledger/ledger.ts';
import type { Entry, HandOver } from '../../src/ledger/record.ts';
import type { JobRecord, LedgerArchive, LedgerStore, StoreSession } from '../../src/ledger/store.ts';
import { LedgerUnavailable } from '../../src/ledger/unavailable.ts';
import { MemoryStore } from './memory-store.ts';

/** A store under test, empty. */
export interface Subject {
  readonly store: LedgerStore;
  readonly archive: LedgerArchive;
  close(): Promise<void>;
}

const RUN = { messageId: 'm1', runs: 0, aloneRuns: 0 };
const ATTEMPT = { messageId: 'm1', receives: 1, runs: 1, error: 'TransientError: down', retryAt: '' };
const MINUTE = 60_000;
/** With all that a store might take for something else. */
const MESSAGE = JSON.stringify({ text: 'é😀"\'\\%s\u0000\ufffe; DROP', __proto: [null, 1e300], empty: '' });

/** A ledger of a session, and what sends its writes. */
interface Opened {
  readonly ledger: Ledger;
  soon<Result>(promise: Promise<Result>): Promise<Result>;
}

/**
 * What every store must do, whatever it is made of. Each test begins with an empty store.
 *
 * @param start makes the store; the endpoint it needs is the caller's to start
 */
export function ledgerContract(name: string, start: () => Promise<Subject>): void {
  describe(`${name} keeps the ledger's contract:`, () => {
    let subject: Subject;
    const sessions: StoreSession[] = [];

    beforeEach(async () => {
      subject = await start();
    });

    afterEach(async () => {
      for (const session of sessions.splice(0)) session.close();
      await subject.close();
    });

    let owners = 0;
    const entry = (key: string, fingerprint = 'f1'): Entry => ({
      key,
      type: 'test',
      fingerprint,
      owner: `owner-${owners++}`,
    });

    const open = ({ now = Date.now, leaseMs = MINUTE, store = subject.store } = {}) => {
      const session = store.open();
      sessions.push(session);
      const ledger = new Ledger({ store: session, leaseUntil: now() + leaseMs, resultTtlDays: 30, now });
      /** Writes may linger for company; a test does not wait for it. */
      const soon = <Result>(promise: Promise<Result>): Promise<Result> => {
        session.flush();
        return promise;
      };
      return { ledger, session, soon };
    };

    const described = async (key: string) => await subject.archive.describe(key);

    test.each<[string, unknown]>([
      ['a number', -1.5],
      ['zero', 0],
      ['a text', 'é😀'],
      ['an empty text', ''],
      ['true', true],
      ['null', null],
      ['a list', [1, 'a', null, [false]]],
      ['an object', { a: { b: [1] }, constructor: 'x' }],
    ])('a result that is %s is kept as it is', async (_what, result) => {
      const { ledger, soon } = open();
      expect(await soon(ledger.store(entry('k'), result as never))).toBe('stored');
      expect(await described('k')).toMatchObject({ status: 'done', type: 'test', fingerprint: 'f1', result });
    });

    test('where only the fact is kept there is no result, and the same job again is a duplicate', async () => {
      const { ledger, soon } = open();
      const leased = entry('leased');
      await ledger.claim(leased, RUN);
      expect(await soon(ledger.complete(leased, undefined))).toBe('stored');
      expect(await soon(ledger.store(entry('k'), undefined))).toBe('stored');
      for (const key of ['k', 'leased']) {
        const record = await described(key);
        expect(record?.status).toBe('done');
        expect(record?.result).toBeUndefined();
        expect(await soon(ledger.store(entry(key), 1))).toBe('duplicate');
      }
    });

    test.each([
      'a',
      'é😀',
      'x'.repeat(2_048),
      '\u0001',
      '\u0000',
      'a\u0000b',
      '\\x00',
      '__proto__',
      'a:b',
      "a'b",
      'a"b;',
      'a b\n',
      '{}',
      '%s',
    ])('the key %j is a key like any other', async (key) => {
      const { ledger, soon } = open();
      expect(await ledger.recall(key)).toBeUndefined();
      await soon(ledger.store(entry(key), 'its result'));
      await soon(ledger.store(entry(`${key.slice(0, 100)}-neighbour`), 'not its result'));
      expect(await ledger.recall(key)).toMatchObject({ status: 'done' });
      expect((await described(key))?.result).toBe('its result');
    });

    test('the first result stays when the same job comes again', async () => {
      const { ledger, soon } = open();
      await soon(ledger.store(entry('k'), 'first'));
      expect(await soon(ledger.store(entry('k'), 'second'))).toBe('duplicate');
      await expect(soon(ledger.store(entry('k', 'other'), 'third'))).rejects.toBeInstanceOf(PayloadConflict);
      expect((await described('k'))?.result).toBe('first');
    });

    test('of ten runs at once one stores its result, and nine are duplicates', async () => {
      const runs = Array.from({ length: 10 }, () => open());
      const answers = await Promise.all(runs.map(({ ledger, soon }, i) => soon(ledger.store(entry('k'), i))));
      expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
      expect((await described('k'))?.result).toBe(answers.indexOf('stored'));
    });

    test('two hundred jobs of one invocation are each stored once, and read together', async () => {
      const { ledger, soon } = open();
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
      expect(await soon(Promise.all(keys.map((key, i) => ledger.store(entry(key), i))))).toEqual(
        keys.map(() => 'stored'),
      );
      const records = await Promise.all(keys.map((key) => ledger.recall(key)));
      expect(records.map((record) => record?.status)).toEqual(keys.map(() => 'done'));
      expect((await described('k77'))?.result).toBe(77);
    });

    test('a lease is claimed once; a second run is told until when it is held', async () => {
      const { ledger } = open();
      expect(await ledger.claim(entry('k'), RUN)).toEqual({ kind: 'claimed', fencingToken: 1 });
      const refused = ledger.claim(entry('k'), RUN);
      await expect(refused).rejects.toBeInstanceOf(Deferred);
      await expect(refused).rejects.toMatchObject({ afterMs: expect.closeTo(MINUTE, -4) });
      await expect(open().ledger.claim(entry('k', 'other payload'), RUN)).rejects.toBeInstanceOf(PayloadConflict);
    });

    test('of eight runs at once one claims the lease', async () => {
      const runs = Array.from({ length: 8 }, () => open());
      const claims = await Promise.allSettled(runs.map(({ ledger }) => ledger.claim(entry('k'), RUN)));
      expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('a lease becomes the result when its owner completes it', async () => {
      const { ledger, soon } = open();
      const mine = entry('k');
      await ledger.claim(mine, RUN);
      expect(await soon(ledger.complete(mine, { status: 200 }))).toBe('stored');
      expect(await described('k')).toMatchObject({
        status: 'done',
        result: { status: 200 },
        fencingToken: 1,
        leaseUntil: 0,
      });
      expect(await ledger.claim(entry('k'), RUN)).toEqual({ kind: 'duplicate' });
    });

    test('a lease that is over is taken over by one of many, with the next fencing token', async () => {
      await open({ leaseMs: -1 }).ledger.claim(entry('k'), RUN);
      const runs = Array.from({ length: 8 }, () => open());
      const claims = await Promise.allSettled(runs.map(({ ledger }) => ledger.claim(entry('k'), RUN)));
      const taken = claims.flatMap((claim) => (claim.status === 'fulfilled' ? [claim.value] : []));
      expect(taken).toEqual([{ kind: 'claimed', fencingToken: 2 }]);
      expect(await described('k')).toMatchObject({ fencingToken: 2 });
    });

    test('the owner of a lease that was taken over is refused, and what it holds changes nothing', async () => {
      const early = open({ leaseMs: -1 });
      const paused = entry('k');
      await early.ledger.claim(paused, RUN);
      const late = open();
      const taker = entry('k');
      await late.ledger.claim(taker, RUN);
      await expect(early.soon(early.ledger.complete(paused, 'stale'))).rejects.toThrow(/taken over/);
      await early.soon(early.ledger.fail(paused, 'dead', ATTEMPT, 'ends'));
      expect(await described('k')).toMatchObject({ status: 'running', owner: taker.owner });
      expect(await late.soon(late.ledger.complete(taker, 'fresh'))).toBe('stored');
      expect(await early.soon(early.ledger.complete(paused, 'stale'))).toBe('duplicate');
      expect((await described('k'))?.result).toBe('fresh');
    });

    test('what was read is replaced only if it is still so', async () => {
      const early = open({ leaseMs: -1 });
      const owner = entry('k');
      await early.ledger.claim(owner, RUN);
      const { session, soon } = open();
      const read = await session.read('k');
      await early.soon(early.ledger.complete(owner, 'the result'));
      const content = { at: new Date().toISOString(), ttl: Math.floor(Date.now() / 1000) + 60 };
      const lease = { ...content, status: 'running' as const, leaseUntil: Date.now() + MINUTE, run: RUN };
      expect(await soon(session.replace(entry('k'), lease, read as never))).toBe(false);
      expect(await described('k')).toMatchObject({ status: 'done', result: 'the result' });
    });

    test('a failed run frees its lease for the same payload, and says why', async () => {
      const { ledger, soon } = open();
      const mine = entry('k');
      await ledger.claim(mine, RUN);
      await soon(ledger.fail(mine, 'failed', { ...ATTEMPT, retryAt: '2026-01-01T00:00:00.000Z' }, 'ends'));
      expect(await described('k')).toMatchObject({
        ...{ status: 'failed', runs: 1, receives: 1, messageId: 'm1', leaseUntil: 0 },
        ...{ error: 'TransientError: down', retryAt: '2026-01-01T00:00:00.000Z' },
      });
      await expect(ledger.claim(entry('k', 'other'), RUN)).rejects.toBeInstanceOf(PayloadConflict);
      expect(await ledger.claim(entry('k'), RUN)).toEqual({ kind: 'claimed', fencingToken: 2 });
    });

    test('a handler that may still run keeps its lease, though its run has failed', async () => {
      const { ledger, soon } = open();
      const mine = entry('k');
      await ledger.claim(mine, RUN);
      await soon(ledger.fail(mine, 'failed', ATTEMPT, 'lasts'));
      expect(await described('k')).toMatchObject({ status: 'failed', runs: 1 });
      await expect(ledger.claim(entry('k'), RUN)).rejects.toBeInstanceOf(Deferred);
    });

    test('a job that ended dead is free, for a mended payload too', async () => {
      const { ledger, soon } = open();
      const mine = entry('k');
      await ledger.claim(mine, RUN);
      await soon(ledger.fail(mine, 'dead', ATTEMPT, 'ends'));
      expect(await soon(ledger.store(entry('k', 'mended'), 'of the mended'))).toBe('stored');
      expect(await described('k')).toMatchObject({ status: 'done', result: 'of the mended', fencingToken: 2 });
    });

    test('a failure that comes late undoes neither a result nor a lease of others', async () => {
      const { ledger, soon } = open();
      const mine = entry('k');
      await ledger.claim(mine, RUN);
      await soon(ledger.complete(mine, 'kept'));
      await soon(ledger.fail(mine, 'failed', ATTEMPT, 'ends'));
      await soon(ledger.fail(entry('k'), 'dead', ATTEMPT, 'ends'));
      await soon(ledger.fail(entry('nothing'), 'dead', ATTEMPT, 'ends'));
      expect(await described('k')).toMatchObject({ status: 'done', result: 'kept' });
      expect(await described('nothing')).toBeUndefined();
    });

    test('a failed run without a lease is noted, and the next one takes its place', async () => {
      const { ledger, soon } = open();
      await soon(ledger.note(entry('k'), 'failed', ATTEMPT));
      const recalled = await ledger.recall('k');
      expect(recalled).toMatchObject({ status: 'failed', runs: 1, receives: 1, messageId: 'm1' });
      expect(await soon(ledger.store(entry('k'), 5, recalled))).toBe('stored');
      expect(await described('k')).toMatchObject({ status: 'done', result: 5 });
    });

    test('a note changes nothing about a result, a live lease or another payload', async () => {
      const { ledger, soon } = open();
      await soon(ledger.store(entry('done'), 1));
      await ledger.claim(entry('leased'), RUN);
      await soon(ledger.note(entry('other', 'first'), 'failed', ATTEMPT));
      const keys = ['done', 'leased', 'other'];
      const all = () => Promise.all(keys.map(described));
      const before = (await all()).map((record) => ({ ...record, version: undefined }));
      for (const key of keys) await soon(ledger.note(entry(key), 'failed', { ...ATTEMPT, messageId: 'm2' }));
      expect((await all()).map((record) => ({ ...record, version: undefined }))).toEqual(before);
    });

    test('an expired record counts as absent, deleted or not, and leaves no result behind', async () => {
      const { ledger, soon } = open();
      await soon(ledger.store(entry('k'), 'old'));
      const later = open({ now: () => Date.now() + 31 * 86_400_000 });
      const mine = entry('k', 'another payload');
      expect(await later.ledger.claim(mine, RUN)).toMatchObject({ kind: 'claimed' });
      expect((await described('k'))?.result).toBeUndefined();
      expect(await later.soon(later.ledger.complete(mine, 'new'))).toBe('stored');
      expect((await described('k'))?.result).toBe('new');
    });

    test.each<[string, (open: Opened, mine: Entry) => Promise<unknown>]>([
      ['stored', ({ ledger }, mine) => ledger.store(mine, 'result', undefined, MESSAGE)],
      [
        'completed',
        async ({ ledger, soon }, mine) => {
          await ledger.claim(mine, RUN);
          return await soon(ledger.complete(mine, 'result', MESSAGE));
        },
      ],
    ])('a result that is %s has with it what it hands over, until that is confirmed', async (_how, write) => {
      const opened = open();
      const { ledger, soon } = opened;
      const mine = entry('k');
      expect(await soon(write(opened, mine))).toBe('stored');
      const handOver = { key: 'k', owner: mine.owner, message: MESSAGE };
      expect(await ledger.recall('k')).toMatchObject({ status: 'done', handOver: MESSAGE });
      expect(await described('k')).toMatchObject({ result: 'result', handOver: MESSAGE });
      expect((await described('k'))?.handedOverAt).toBeUndefined();
      // Who comes with the same job, in whatever way, is told what is still to be sent.
      expect(await soon(ledger.store(entry('k'), 'other', undefined, '"other"'))).toEqual(handOver);
      expect(await ledger.claim(entry('k'), RUN)).toEqual({ kind: 'duplicate', handOver });
      expect(await soon(ledger.complete(entry('k'), 'other'))).toEqual(handOver);

      await soon(ledger.confirm(handOver));
      const confirmed = await described('k');
      expect(confirmed).toMatchObject({ status: 'done', result: 'result', fencingToken: 1 });
      expect(confirmed?.handOver).toBeUndefined();
      expect(Date.parse(confirmed?.handedOverAt ?? '')).toBeGreaterThan(Date.now() - MINUTE);
      expect((await ledger.recall('k'))?.handOver).toBeUndefined();
      expect(await soon(ledger.store(entry('k'), 'other', undefined, '"other"'))).toBe('duplicate');
      expect(await ledger.claim(entry('k'), RUN)).toEqual({ kind: 'duplicate' });
    });

    test('where only the fact is kept, the hand-over is kept beside it all the same', async () => {
      const { ledger, soon } = open();
      const leased = entry('leased');
      await ledger.claim(leased, RUN);
      await soon(ledger.complete(leased, undefined, MESSAGE));
      await soon(ledger.store(entry('k'), undefined, undefined, MESSAGE));
      for (const key of ['k', 'leased']) {
        expect(await ledger.recall(key)).toMatchObject({ status: 'done', handOver: MESSAGE });
        expect((await described(key))?.result).toBeUndefined();
      }
    });

    test('a result that hands nothing over has nothing to confirm', async () => {
      const { ledger, soon } = open();
      await soon(ledger.store(entry('k'), 1));
      expect((await ledger.recall('k'))?.handOver).toBeUndefined();
      expect((await described('k'))?.handedOverAt).toBeUndefined();
    });

    test('a hand-over is confirmed by who knows the result that it is of, and by nobody else', async () => {
      const { ledger, soon } = open();
      const [mine, leased, failed] = [entry('k'), entry('leased'), entry('failed')];
      await soon(ledger.store(mine, 1, undefined, MESSAGE));
      await ledger.claim(leased, RUN);
      await soon(ledger.note(failed, 'failed', ATTEMPT));
      const sent = [{ ...mine, owner: 'another' }, leased, failed, entry('nothing')];
      await soon(Promise.all(sent.map(({ key, owner }) => ledger.confirm({ key, owner, message: MESSAGE }))));
      expect(await described('k')).toMatchObject({ handOver: MESSAGE });
      expect(await described('leased')).toMatchObject({ status: 'running' });
      expect(await described('failed')).toMatchObject({ status: 'failed' });
      expect(await described('nothing')).toBeUndefined();
      for (const key of ['k', 'leased', 'failed']) expect((await described(key))?.handedOverAt).toBeUndefined();
    });

    test('a hundred hand-overs are confirmed together', async () => {
      const { ledger, soon } = open();
      const entries = Array.from({ length: 100 }, (_, i) => entry(`k${i}`));
      const messageOf = ({ key }: Entry) => JSON.stringify({ of: key });
      await soon(Promise.all(entries.map((each) => ledger.store(each, 1, undefined, messageOf(each)))));
      const records = await Promise.all(entries.map(({ key }) => ledger.recall(key)));
      expect(records.map((record) => record?.handOver)).toEqual(entries.map(messageOf));
      const odd = entries.filter((_, i) => i % 2 === 1);
      await soon(Promise.all(odd.map((each) => ledger.confirm({ ...each, message: messageOf(each) }))));
      const after = await Promise.all(entries.map(({ key }) => ledger.recall(key)));
      expect(after.map((record) => record?.handOver !== undefined)).toEqual(entries.map((_, i) => i % 2 === 0));
    });

    test('an expired result that is run again leaves nothing of its hand-over behind', async () => {
      const { ledger, soon } = open();
      const [pending, sent, leased] = [entry('pending'), entry('sent'), entry('leased')];
      for (const each of [pending, sent, leased]) await soon(ledger.store(each, 'old', undefined, MESSAGE));
      await soon(ledger.confirm({ ...sent, message: MESSAGE }));
      const later = open({ now: () => Date.now() + 31 * 86_400_000 });
      expect(await later.soon(later.ledger.store(entry('pending'), 'new'))).toBe('stored');
      expect(await later.soon(later.ledger.store(entry('sent'), 'new', undefined, '"new"'))).toBe('stored');
      await later.ledger.claim(entry('leased'), RUN);
      const found = await Promise.all(['pending', 'sent', 'leased'].map(described));
      expect(found.map((record) => record?.handOver)).toEqual([undefined, '"new"', undefined]);
      expect(found.map((record) => record?.handedOverAt)).toEqual([undefined, undefined, undefined]);
      // What was sent of the old result says nothing about the new one.
      await soon(ledger.confirm({ ...sent, message: MESSAGE }));
      expect(await described('sent')).toMatchObject({ handOver: '"new"' });
    });

    test('a result and what it hands over fit into one record together, or are refused together', async () => {
      const { ledger, soon } = open();
      const half = JSON.stringify('x'.repeat(200_000));
      const [fits, tooLarge, alone] = [entry('fits'), entry('too large'), entry('alone')];
      const answers = await soon(
        Promise.allSettled([
          ledger.store(fits, 'x'.repeat(190_000), undefined, half),
          ledger.store(tooLarge, 'x'.repeat(210_000), undefined, half),
          ledger.store(alone, 1, undefined, JSON.stringify('x'.repeat(410_000))),
        ]),
      );
      expect(answers[0]).toMatchObject({ value: 'stored' });
      for (const answer of answers.slice(1)) {
        expect(answer).toMatchObject({ reason: { name: 'PermanentError' } });
        expect(String((answer as PromiseRejectedResult).reason)).toMatch(/larger than 201\d{3} bytes|has 410002 bytes/);
      }
      expect((await described('fits'))?.handOver).toBe(half);
      expect(await described('too large')).toBeUndefined();
      expect(await described('alone')).toBeUndefined();
    });

    test('how often a job ran alone without an outcome is kept with its lease', async () => {
      await open({ leaseMs: -1 }).ledger.claim(entry('k'), { messageId: 'm9', runs: 2, aloneRuns: 1 });
      expect(await open().ledger.recall('k')).toMatchObject({
        status: 'running',
        messageId: 'm9',
        runs: 2,
        aloneRuns: 1,
      });
    });

    test('after close nothing is under way, and whoever still comes is told so', async () => {
      const { ledger, session } = open();
      await ledger.claim(entry('kept'), RUN);
      session.close();
      await expect(ledger.recall('k')).rejects.toBeInstanceOf(LedgerUnavailable);
      await expect(ledger.claim(entry('k'), RUN)).rejects.toBeInstanceOf(LedgerUnavailable);
      await expect(session.pause()).rejects.toBeInstanceOf(LedgerUnavailable);
      const sent = { key: 'kept', owner: 'x', message: MESSAGE };
      await expect(ledger.confirm(sent)).rejects.toBeInstanceOf(LedgerUnavailable);
      expect(await described('k')).toBeUndefined();
      expect(await described('kept')).toMatchObject({ status: 'running' });
    });

    test('whatever two workers do one after the other, it answers as the model does', async () => {
      const step = fc.record({
        who: fc.constantFrom(0, 1),
        does: fc.constantFrom(
          'claim',
          'store',
          'complete',
          'fail',
          'keep',
          'die',
          'note',
          'expire',
          'handOver',
          'confirm',
        ) as fc.Arbitrary<Deed>,
        fingerprint: fc.constantFrom('f1', 'f1', 'f2'),
      });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          const key = `k${round++}`;
          const model = new MemoryStore();
          const real = new Workers(subject.store, key);
          const expected = new Workers(model, key);
          for (const each of steps) expect(await real.do(each)).toEqual(await expected.do(each));
          const [is, was] = [await subject.archive.describe(key), await model.describe(key)];
          const whatCounts = (record?: JobRecord) => [
            record?.status,
            record?.fencingToken,
            record?.result,
            record?.handOver,
          ];
          expect(whatCounts(is)).toEqual(whatCounts(was));
          real.close();
        }),
        { numRuns: 40 },
      );
    });
  });
}

type Deed = 'claim' | 'store' | 'complete' | 'fail' | 'keep' | 'die' | 'note' | 'expire' | 'handOver' | 'confirm';

/** Two workers that take turns at one key. Time passes only where a step says so. */
class Workers {
  readonly #session: StoreSession;
  readonly #key: string;
  readonly #held: (Entry | undefined)[] = [];
  /** The hand-over that somebody has seen last, and may confirm. */
  #seen: HandOver | undefined;
  #now = Date.now();
  #count = 0;

  constructor(store: LedgerStore, key: string) {
    this.#session = store.open();
    this.#key = key;
  }

  close(): void {
    this.#session.close();
  }

  /** @returns what the worker was told, or the name of what was thrown */
  async do({ who, does, fingerprint }: { who: number; does: Deed; fingerprint: string }): Promise<unknown> {
    const now = () => this.#now;
    if (does === 'expire') {
      this.#now += 2 * MINUTE;
      return undefined;
    }
    const ledger = new Ledger({ store: this.#session, leaseUntil: this.#now + MINUTE, resultTtlDays: 30, now });
    const fresh: Entry = { key: this.#key, type: 'test', fingerprint, owner: `${this.#key}.${this.#count++}` };
    const held = this.#held[who];
    const act = async (): Promise<unknown> => {
      if (does === 'claim') {
        const claim = await ledger.claim(fresh, RUN);
        if (claim.kind === 'claimed') this.#held[who] = fresh;
        return claim;
      }
      if (does === 'store') return await ledger.store(fresh, this.#count);
      if (does === 'handOver')
        return await this.#sees(ledger.store(fresh, this.#count, undefined, `"${this.#count}"`), fresh);
      if (does === 'confirm') return this.#seen && (await ledger.confirm(this.#seen));
      if (does === 'note') return await ledger.note(fresh, 'failed', ATTEMPT);
      if (!held) return 'holds nothing';
      if (does === 'complete') return await ledger.complete(held, `by ${who}`);
      return await ledger.fail(held, does === 'die' ? 'dead' : 'failed', ATTEMPT, does === 'keep' ? 'lasts' : 'ends');
    };
    const acting = act().catch((error: Error) => error.name);
    const flushing = setInterval(() => this.#session.flush(), 1);
    return await acting.finally(() => clearInterval(flushing));
  }

  async #sees(writing: Promise<Written>, { key, owner }: Entry): Promise<Written> {
    const written = await writing;
    if (written === 'stored') this.#seen = { key, owner, message: `"${this.#count}"` };
    else if (written !== 'duplicate') this.#seen = written;
    return written;
  }
}

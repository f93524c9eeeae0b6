import { setTimeout as delay } from 'node:timers/promises';
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { jest } from '@jest/globals';
import type { Clients } from '../../../src/aws/clients.ts';
import { Deferred } from '../../../src/failures/errors.ts';
import { DynamoDbStore } from '../../../src/ledger/dynamodb/store.ts';
import { Ledger, leaseEnd } from '../../../src/ledger/ledger.ts';
import type { Entry } from '../../../src/ledger/record.ts';
import type { StoreSession } from '../../../src/ledger/store.ts';
import { LedgerUnavailable } from '../../../src/ledger/unavailable.ts';
import { answer, type Fault, FaultyHandler, read, reset } from '../../faults/faulty-handler.ts';
import { startWorld, type World } from '../../world.ts';

let world: World;
const tables: StoreSession[] = [];

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  for (const table of tables.splice(0)) table.close();
  await world.close();
});

interface Options {
  now?: () => number;
  clients?: Clients;
  leaseMs?: number;
  tableName?: string;
}

function openLedger({
  now = Date.now,
  clients = world.clients,
  leaseMs = 60_000,
  tableName = 'results',
}: Options = {}) {
  const table = new DynamoDbStore(clients.dynamodb, tableName).open();
  tables.push(table);
  return { table, ledger: new Ledger({ store: table, leaseUntil: now() + leaseMs, resultTtlDays: 30, now }) };
}

function withFault(fault: Fault): Clients {
  return world.clientsWith({ requestHandler: new FaultyHandler(fault), maxAttempts: 3 });
}

let owners = 0;
const entry = (key: string, fingerprint = 'f1'): Entry => ({
  key,
  type: 'test',
  fingerprint,
  owner: `owner-${owners++}`,
});

const RUN = { messageId: 'm1', runs: 0, aloneRuns: 0 };
const ATTEMPT = { messageId: 'm1', receives: 1, runs: 1, error: 'TransientError: down', retryAt: '' };

/** Stores linger for company; a test does not wait for it. */
function stored<Result>({ table }: { table: StoreSession }, promise: Promise<Result>): Promise<Result> {
  table.flush();
  return promise;
}

describe('a result', () => {
  test('is one write unit and, with 24 others, one request', async () => {
    const operations: string[] = [];
    const open = openLedger({
      clients: withFault((request) => {
        operations.push(`${request.operation} ${request.input.Statements?.length}`);
        return request.forward();
      }),
    });
    const all = Array.from({ length: 50 }, (_, i) => open.ledger.store(entry(`k${i}`), i));
    expect(await stored(open, Promise.all(all))).toEqual(all.map(() => 'stored'));
    expect(operations).toEqual(['BatchExecuteStatement 25', 'BatchExecuteStatement 25']);
    expect((await world.items()).size).toBe(50);
  });

  test('whose answer was lost counts as stored, not as a foreign duplicate', async () => {
    let lost = 0;
    const open = openLedger({
      clients: withFault(async (request) => {
        const result = await request.forward();
        if (request.operation !== 'BatchExecuteStatement' || lost > 0) return result;
        lost += 1;
        throw reset();
      }),
    });
    expect(await stored(open, open.ledger.store(entry('k'), 1))).toBe('stored');
    expect(lost).toBe(1);
  });

  test('that somebody else wrote without our attributes is a duplicate, and stays', async () => {
    await putItem({ JobID: { S: 'k' }, Legacy: { N: '1' } });
    const open = openLedger();
    expect(await stored(open, open.ledger.store(entry('k'), 1))).toBe('duplicate');
    expect(await world.items()).toEqual(new Map([['k', { JobID: 'k', Legacy: 1 }]]));
  });
});

async function putItem(Item: Record<string, AttributeValue>): Promise<void> {
  await world.clients.dynamodb.send(new PutItemCommand({ TableName: 'results', Item }));
}

describe('a lease', () => {
  test.each(['at once', 'after a throttle'])(
    'that its owner completes while another is about to take it over keeps its result (%s)',
    async (how) => {
      const early = openLedger({ leaseMs: -1 });
      const owner = entry('k');
      await early.ledger.claim(owner, RUN);
      let met = false;
      const late = openLedger({
        clients: withFault(async (request) => {
          const isTakeOver = JSON.stringify(request.input).includes('UPDATE');
          if (!isTakeOver || met) return request.forward();
          met = true;
          // The owner is acknowledged between the read that found its lease over and the write that takes its place.
          expect(await stored(early, early.ledger.complete(owner, 'the result'))).toBe('stored');
          if (how === 'at once') return request.forward();
          return answer(200, { Responses: [{ Error: { Code: 'ThrottlingError', Message: 'slow down' } }] });
        }),
      });
      expect(await late.ledger.claim(entry('k'), RUN)).toEqual({ kind: 'duplicate' });
      expect(met).toBe(true);
      expect((await world.items()).get('k')).toMatchObject({ Status: 'done', Result: 'the result' });
    },
  );

  test('that was taken over for another payload is no duplicate to its first owner', async () => {
    const early = openLedger({ leaseMs: -1 });
    const paused = entry('k');
    await early.ledger.claim(paused, RUN);
    await stored(early, early.ledger.fail(paused, 'dead', ATTEMPT, 'ends'));
    const late = openLedger();
    const other = entry('k', 'another payload');
    await late.ledger.claim(other, RUN);
    await stored(late, late.ledger.complete(other, 'of another payload'));
    await expect(stored(early, early.ledger.complete(paused, 'stale'))).rejects.toBeInstanceOf(Deferred);
    expect((await world.items()).get('k')?.Result).toBe('of another payload');
  });

  test('outlives its invocation by the invocation’s own length', () => {
    expect(leaseEnd(1_000, 30_000)).toBe(61_000);
  });

  test('claimed with a lost answer is recognised as our own', async () => {
    let lost = false;
    const { ledger } = openLedger({
      clients: withFault(async (request) => {
        const result = await request.forward();
        if (lost || request.operation !== 'BatchExecuteStatement') return result;
        lost = true;
        throw reset();
      }),
    });
    expect(await ledger.claim(entry('k'), RUN)).toEqual({ kind: 'claimed', fencingToken: 1 });
  });
});

describe('a failed run without a lease', () => {
  test('is noted, and the next one takes its place with one write', async () => {
    const open = openLedger();
    await stored(open, open.ledger.note(entry('k'), 'failed', ATTEMPT));
    expect((await world.items()).get('k')).toMatchObject({ Status: 'failed', Runs: 1, Receives: 1, MessageId: 'm1' });
    const recalled = await open.ledger.recall('k');
    expect(recalled).toMatchObject({ status: 'failed', runs: 1, receives: 1, messageId: 'm1' });
    const operations: string[] = [];
    const next = openLedger({
      clients: withFault((request) => {
        operations.push(request.operation);
        return request.forward();
      }),
    });
    expect(await stored(next, next.ledger.store(entry('k'), 5, recalled))).toBe('stored');
    expect(operations).toEqual(['BatchExecuteStatement']);
    expect((await world.items()).get('k')).toMatchObject({ Status: 'done', Result: 5 });
  });
});

describe('a record that somebody else wrote', () => {
  test.each<[string, Record<string, AttributeValue>]>([
    ['nothing of ours but a ttl that has passed', {}],
    ['an owner that is a number', { Owner: { N: '7' }, Status: { S: 'running' } }],
    ['a status that we do not know', { Status: { S: 'waiting' } }],
  ])('with %s is replaced once, in a handful of requests', async (_name, attributes) => {
    await putItem({ JobID: { S: 'k' }, ttl: { N: '1' }, ...attributes });
    let requests = 0;
    const open = openLedger({
      clients: withFault((request) => {
        requests += 1;
        return request.forward();
      }),
    });
    expect(await stored(open, open.ledger.store(entry('k'), 1))).toBe('stored');
    expect(requests).toBe(3);
    expect((await world.items()).get('k')).toMatchObject({ Result: 1, Status: 'done' });
  });
});

describe('a table in trouble', () => {
  test('that contradicts itself about a key is asked a few times, with pauses, and the job deferred', async () => {
    let requests = 0;
    const open = openLedger({
      clients: withFault(async (request) => {
        requests += 1;
        if (request.operation === 'BatchGetItem') return answer(200, { Responses: { results: [] } });
        return answer(200, { Responses: [{ Error: { Code: 'DuplicateItem', Message: 'it is there' } }] });
      }),
    });
    await expect(stored(open, open.ledger.claim(entry('k'), RUN))).rejects.toBeInstanceOf(LedgerUnavailable);
    expect(requests).toBe(12);
  });

  test('that contradicts itself lets go of a job at close, in the middle of a pause', async () => {
    const open = openLedger({
      clients: withFault(async ({ operation }) => {
        if (operation === 'BatchGetItem') return answer(200, { Responses: { results: [] } });
        return answer(200, { Responses: [{ Error: { Code: 'DuplicateItem', Message: 'it is there' } }] });
      }),
    });
    jest.spyOn(Math, 'random').mockReturnValue(20);
    const ended = jest.fn();
    open.ledger.claim(entry('k'), RUN).catch(ended);
    await delay(500);
    expect(ended).not.toHaveBeenCalled();
    open.table.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toHaveBeenCalledWith(expect.any(LedgerUnavailable));
    jest.restoreAllMocks();
  });

  test('whose read pauses after trouble is left at close', async () => {
    const open = openLedger({
      clients: withFault(async (request) =>
        request.operation === 'BatchGetItem'
          ? answer(200, { Responses: {}, UnprocessedKeys: request.input.RequestItems })
          : request.forward(),
      ),
    });
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.999);
    const read = open.table.read('k');
    const ended = jest.fn();
    void read.catch(ended);
    // Pauses are then close to a second each.
    await delay(1_500);
    open.table.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toHaveBeenCalledTimes(1);
    await expect(read).rejects.toBeInstanceOf(LedgerUnavailable);
    random.mockRestore();
  });

  test.each(['SerializationException', 'ValidationException', 'RequestEntityTooLargeException'])(
    'that answers a whole request with %s for one statement: it alone fails, found in halves',
    async (name) => {
      let requests = 0;
      const open = openLedger({
        clients: withFault((request) => {
          requests += 1;
          return JSON.stringify(request.input).includes('poison')
            ? Promise.resolve(answer(400, { __type: `com.amazonaws.dynamodb#${name}`, message: 'no' }))
            : request.forward();
        }),
      });
      const keys = Array.from({ length: 25 }, (_, i) => (i === 17 ? 'poison' : `k${i}`));
      const outcomes = await stored(open, Promise.allSettled(keys.map((key) => open.ledger.store(entry(key), 1))));
      expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
        { reason: { name: 'PermanentError' } },
      ]);
      expect((await world.items()).size).toBe(24);
      expect(requests).toBeLessThanOrEqual(12);
    },
  );

  test('that refuses one statement for a reason nobody knows defers that job alone', async () => {
    const open = openLedger({
      clients: withFault((request) =>
        JSON.stringify(request.input).includes('poison')
          ? Promise.resolve(answer(400, { __type: 'com.amazonaws.dynamodb#NewKindOfException', message: 'no' }))
          : request.forward(),
      ),
    });
    const keys = Array.from({ length: 25 }, (_, i) => (i === 3 ? 'poison' : `k${i}`));
    const outcomes = await stored(open, Promise.allSettled(keys.map((key) => open.ledger.store(entry(key), 1))));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: expect.any(LedgerUnavailable) },
    ]);
    expect((await world.items()).size).toBe(24);
  });

  test('that refuses every statement for a reason nobody knows is given up after one request in halves', async () => {
    let requests = 0;
    const open = openLedger({
      clients: withFault(async () => {
        requests += 1;
        return answer(400, { __type: 'com.amazonaws.dynamodb#NewKindOfException', message: 'no' });
      }),
    });
    const all = Array.from({ length: 500 }, (_, i) => open.ledger.store(entry(`k${i}`), 1));
    const outcomes = await stored(open, Promise.allSettled(all));
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    // Sixteen requests were under way at once, each is taken apart into 49.
    expect(requests).toBeLessThanOrEqual(16 * 49);
  });

  test('that refuses a read for one key fails that job alone', async () => {
    const open = openLedger({
      clients: withFault((request) =>
        request.operation === 'BatchGetItem' && JSON.stringify(request.input).includes('poison')
          ? Promise.resolve(answer(400, { __type: 'com.amazonaws.dynamodb#ValidationException', message: 'no' }))
          : request.forward(),
      ),
    });
    const keys = ['a', 'b', 'poison', 'c'];
    const outcomes = await Promise.allSettled(keys.map((key) => open.ledger.recall(key)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('that throttles every request as a whole is retried as well', async () => {
    let throttled = 0;
    const open = openLedger({
      clients: withFault((request) =>
        throttled++ < 7
          ? Promise.resolve(answer(400, { __type: 'com.amazonaws.dynamodb#ThrottlingException', message: 'slow down' }))
          : request.forward(),
      ),
    });
    expect(await stored(open, open.ledger.store(entry('k'), 1))).toBe('stored');
  });

  test.each([
    'ThrottlingError',
    'ProvisionedThroughputExceeded',
    'TransactionConflict',
    'InternalServerError',
    'RequestLimitExceeded',
  ])('with %s on some statements of a 200 answer affects exactly those, and they are tried again', async (Code) => {
    const tries: number[] = [];
    const open = openLedger({
      clients: withFault(async (request) => {
        const { Statements: statements } = request.input;
        tries.push(statements.length);
        if (tries.length > 1) return request.forward();
        const kept = statements.filter((_: unknown, i: number) => i % 2 === 0);
        const { Responses } = await read(await request.forward({ Statements: kept }));
        return answer(200, {
          Responses: statements.map((_: unknown, i: number) =>
            i % 2 === 0 ? Responses[i / 2] : { Error: { Code, Message: Code } },
          ),
        });
      }),
    });
    const all = Array.from({ length: 10 }, (_, i) => open.ledger.store(entry(`k${i}`), i));
    expect(await stored(open, Promise.all(all))).toEqual(all.map(() => 'stored'));
    expect(tries).toEqual([10, 5]);
  });

  test('with a ValidationError on one statement fails that job for good and no other', async () => {
    const open = openLedger({
      clients: withFault(async (request) => {
        const { Responses } = await read(await request.forward());
        return answer(200, {
          Responses: Responses.map((one: object, i: number) =>
            i === 1 ? { Error: { Code: 'ValidationError', Message: 'too deep' } } : one,
          ),
        });
      }),
    });
    const all = [0, 1, 2].map((i) => open.ledger.store(entry(`k${i}`), i));
    const outcomes = await stored(open, Promise.allSettled(all));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(all[1]).rejects.toMatchObject({
      name: 'PermanentError',
      message: 'DynamoDB refuses the record: too deep',
    });
  });

  test('that refuses a whole request for one statement gets them one by one', async () => {
    const open = openLedger({
      clients: withFault((request) =>
        JSON.stringify(request.input).includes('poison')
          ? Promise.resolve(answer(400, { __type: 'com.amazonaws.dynamodb#ValidationException', message: 'no' }))
          : request.forward(),
      ),
    });
    const all = ['a', 'poison', 'b'].map((key) => open.ledger.store(entry(key), 1));
    const outcomes = await stored(open, Promise.allSettled(all));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect([...(await world.items()).keys()].sort()).toEqual(['a', 'b']);
  });

  test('with an answer that lacks statements tries those again', async () => {
    let first = true;
    const open = openLedger({
      clients: withFault(async (request) => {
        if (!first) return request.forward();
        first = false;
        // The last statement is neither carried out nor mentioned.
        return request.forward({ Statements: request.input.Statements.slice(0, -1) });
      }),
    });
    const all = ['a', 'b'].map((key) => open.ledger.store(entry(key), 1));
    expect(await stored(open, Promise.all(all))).toEqual(['stored', 'stored']);
    expect([...(await world.items()).keys()].sort()).toEqual(['a', 'b']);
  });

  test('that does not exist defers every job at once, and says which table', async () => {
    const open = openLedger({ tableName: 'nowhere' });
    const all = Array.from({ length: 60 }, (_, i) => open.ledger.store(entry(`k${i}`), i));
    for (const outcome of await stored(open, Promise.allSettled(all))) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(LedgerUnavailable) });
    }
    expect(open.table.errors.save).toBeGreaterThan(0);
  });

  test('that never answers is given up at close, and nothing is under way afterwards', async () => {
    let underWay = 0;
    const open = openLedger({
      clients: withFault(async (request) => {
        underWay += 1;
        try {
          await delay(60, undefined);
          throw reset();
        } finally {
          underWay -= 1;
          void request;
        }
      }),
    });
    const waiting = stored(open, open.ledger.store(entry('k'), 1));
    await delay(30);
    open.table.close();
    await expect(waiting).rejects.toBeInstanceOf(LedgerUnavailable);
    await expect(open.ledger.store(entry('late'), 1)).rejects.toBeInstanceOf(LedgerUnavailable);
    await delay(200);
    expect(underWay).toBe(0);
  });

  test('that leaves keys of a read unanswered is asked again for those', async () => {
    const open = openLedger();
    await stored(open, Promise.all([open.ledger.store(entry('a'), 1), open.ledger.store(entry('b'), 2)]));
    let partial = true;
    const again = openLedger({
      clients: withFault(async (request) => {
        if (request.operation !== 'BatchGetItem' || !partial) return request.forward();
        partial = false;
        const [left, ...asked] = request.input.RequestItems.results.Keys;
        const rest = { ...request.input.RequestItems.results, Keys: asked };
        const body = await read(await request.forward({ RequestItems: { results: rest } }));
        return answer(200, { ...body, UnprocessedKeys: { results: { ...rest, Keys: [left] } } });
      }),
    });
    const both = Promise.all([again.ledger.store(entry('a'), 1), again.ledger.store(entry('b'), 2)]);
    expect(await stored(again, both)).toEqual(['duplicate', 'duplicate']);
    expect(partial).toBe(false);
  });
});

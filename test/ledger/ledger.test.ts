import { setTimeout as delay } from 'node:timers/promises';
import type { Clients } from '../../src/clients.ts';
import { Deferred, PayloadConflict } from '../../src/errors.ts';
import { LedgerUnavailable } from '../../src/ledger/failures.ts';
import { Ledger, leaseEnd } from '../../src/ledger/ledger.ts';
import type { Entry } from '../../src/ledger/record.ts';
import { Statements } from '../../src/ledger/statements.ts';
import { LedgerTable } from '../../src/ledger/table.ts';
import { answer, type Fault, FaultyHandler, read, reset } from '../faults/faulty-handler.ts';
import { startWorld, type World } from '../world.ts';

let world: World;
const tables: LedgerTable[] = [];

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
  const table = new LedgerTable(clients.dynamodb, tableName);
  tables.push(table);
  const statements = new Statements(tableName);
  return { table, ledger: new Ledger({ table, statements, leaseUntil: now() + leaseMs, resultTtlDays: 30, now }) };
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

/** Stores linger for company; a test does not wait for it. */
function stored<Result>({ table }: { table: LedgerTable }, promise: Promise<Result>): Promise<Result> {
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

  test.each<[string, unknown]>([
    ['a number', -1.5],
    ['zero', 0],
    ['a string', 'é'],
    ['an empty string', ''],
    ['true', true],
    ['null', null],
    ['a list', [1, 'a', null, [false]]],
    ['an object', { a: { b: [1] }, constructor: 'x' }],
  ])('that is %s reads back as it is', async (_name, result) => {
    const open = openLedger();
    await stored(open, open.ledger.store(entry('k'), result as never));
    expect((await world.items()).get('k')?.Result).toEqual(result);
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

  test('of another run stays when the same job comes again', async () => {
    const open = openLedger();
    await stored(open, open.ledger.store(entry('k'), 'first'));
    expect(await stored(open, open.ledger.store(entry('k'), 'second'))).toBe('duplicate');
    expect((await world.items()).get('k')?.Result).toBe('first');
  });

  test('stored by ten runs at once is stored by one', async () => {
    const runs = Array.from({ length: 10 }, () => openLedger());
    const outcomes = await Promise.all(runs.map((open, i) => stored(open, open.ledger.store(entry('k'), i))));
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    expect((await world.items()).get('k')?.Result).toBe(outcomes.indexOf('stored'));
  });

  test('that somebody else wrote without our attributes is a duplicate, and stays', async () => {
    await openForeignItem('k');
    const open = openLedger();
    expect(await stored(open, open.ledger.store(entry('k'), 1))).toBe('duplicate');
    expect(await world.items()).toEqual(new Map([['k', { JobID: 'k', Legacy: 1 }]]));
  });
});

async function openForeignItem(key: string): Promise<void> {
  const { PutItemCommand } = await import('@aws-sdk/client-dynamodb');
  await world.clients.dynamodb.send(
    new PutItemCommand({ TableName: 'results', Item: { JobID: { S: key }, Legacy: { N: '1' } } }),
  );
}

describe('a lease', () => {
  test('is claimed once; a second run is told until when it is held', async () => {
    const { ledger } = openLedger();
    expect(await ledger.claim(entry('k'))).toEqual({ kind: 'claimed', fencingToken: 1 });
    const refused = ledger.claim(entry('k'));
    await expect(refused).rejects.toBeInstanceOf(Deferred);
    await expect(refused).rejects.toMatchObject({ afterMs: expect.closeTo(60_000, -4) });
  });

  test('becomes the result when its owner completes it', async () => {
    const open = openLedger();
    const mine = entry('k');
    await open.ledger.claim(mine);
    expect(await stored(open, open.ledger.complete(mine, { status: 200 }))).toBe('stored');
    const item = (await world.items()).get('k');
    expect(item).toMatchObject({ Status: 'done', Result: { status: 200 }, FencingToken: 1 });
    expect(item).not.toHaveProperty('LeaseUntil');
    expect(await open.ledger.claim(entry('k'))).toEqual({ kind: 'duplicate' });
  });

  test('is taken over after it expired, and its first owner is refused', async () => {
    const early = openLedger({ leaseMs: -1 });
    const paused = entry('k');
    await early.ledger.claim(paused);
    const late = openLedger();
    const taker = entry('k');
    expect(await late.ledger.claim(taker)).toEqual({ kind: 'claimed', fencingToken: 2 });
    await expect(stored(early, early.ledger.complete(paused, 'stale'))).rejects.toThrow(/taken over/);
    expect(await stored(late, late.ledger.complete(taker, 'fresh'))).toBe('stored');
    expect(await stored(early, early.ledger.complete(paused, 'stale'))).toBe('duplicate');
    expect((await world.items()).get('k')?.Result).toBe('fresh');
  });

  test('that expired is taken over by one of many', async () => {
    const early = openLedger({ leaseMs: -1 });
    await early.ledger.claim(entry('k'));
    const runs = Array.from({ length: 8 }, () => openLedger());
    const claims = await Promise.allSettled(runs.map(({ ledger }) => ledger.claim(entry('k'))));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is free again after a failed run, for the same payload only', async () => {
    const open = openLedger();
    const mine = entry('k');
    await open.ledger.claim(mine);
    await stored(open, open.ledger.release(mine, 'failed'));
    await expect(open.ledger.claim(entry('k', 'other'))).rejects.toBeInstanceOf(PayloadConflict);
    expect(await open.ledger.claim(entry('k'))).toEqual({ kind: 'claimed', fencingToken: 2 });
  });

  test('of a job that ended dead is free again, for a mended payload too', async () => {
    const open = openLedger();
    const mine = entry('k');
    await open.ledger.claim(mine);
    await stored(open, open.ledger.release(mine, 'dead'));
    expect(await open.ledger.claim(entry('k', 'mended'))).toEqual({ kind: 'claimed', fencingToken: 2 });
  });

  test('released late does not undo a result, nor another owner’s lease', async () => {
    const open = openLedger();
    const mine = entry('k');
    await open.ledger.claim(mine);
    await stored(open, open.ledger.complete(mine, 'kept'));
    await stored(open, open.ledger.release(mine, 'failed'));
    await stored(open, open.ledger.release(entry('k'), 'dead'));
    expect((await world.items()).get('k')).toMatchObject({ Status: 'done', Result: 'kept' });
  });

  test('outlives its invocation by the invocation’s own length', () => {
    expect(leaseEnd({ startedAt: 1_000, endsAt: 31_000 })).toBe(61_000);
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
    expect(await ledger.claim(entry('k'))).toEqual({ kind: 'claimed', fencingToken: 1 });
  });
});

describe('a table in trouble', () => {
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
        const body = await read(await request.forward());
        if (first) body.Responses.pop();
        first = false;
        return answer(200, body);
      }),
    });
    const all = ['a', 'b'].map((key) => open.ledger.store(entry(key), 1));
    expect(await stored(open, Promise.all(all))).toEqual(['stored', 'stored']);
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

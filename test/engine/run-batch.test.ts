import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import type { BatchOptions } from '../../src/engine/batch-options.ts';
import { Deadline } from '../../src/engine/deadline.ts';
import { runBatch } from '../../src/engine/run-batch.ts';
import { AFTER_ALL_OTHERS, type Verdict } from '../../src/engine/verdict.ts';
import { Deferred, NotStarted, PermanentError } from '../../src/failures/errors.ts';

const DONE: Verdict = { kind: 'done' };
const FAILURE = { kind: 'transient', errorClass: 'Error', message: 'no verdict' } as const;

function options<Item>(overrides: Partial<BatchOptions<Item>>): BatchOptions<Item> {
  return {
    concurrency: 10,
    deadline: new Deadline(30_000),
    laneOf: () => undefined,
    timeLimitOf: () => 1_000,
    process: (_item, runInSlot) => runInSlot(async () => DONE),
    settle: async (_item, verdict) => verdict.kind === 'done',
    lastWord: () => ({ kind: 'retry', afterMs: 0, runs: 1, failure: FAILURE }),
    beforeAlone: async () => {},
    onStoresEnd: () => {},
    onIdle: () => {},
    ...overrides,
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

test.each([1, 3, 10])('never more than %d handlers run at once, and that many do', async (concurrency) => {
  let running = 0;
  let most = 0;
  const slots = new Set<number>();
  const outcomes = await runBatch(
    numbers(100),
    options<number>({
      concurrency,
      process: (_item, runInSlot) =>
        runInSlot(async ({ slot }) => {
          running += 1;
          most = Math.max(most, running);
          slots.add(slot);
          await delay(1);
          running -= 1;
          return DONE;
        }),
    }),
  );
  expect(most).toBe(concurrency);
  expect([...slots].sort((a, b) => a - b)).toEqual(numbers(concurrency).map((i) => i + 1));
  expect(outcomes.every(({ acknowledged }) => acknowledged)).toBe(true);
});

test('10,000 records finish, each with its own outcome', async () => {
  const outcomes = await runBatch(
    numbers(10_000),
    options<number>({
      process: (item, runInSlot) => runInSlot(() => (item % 7 === 0 ? { kind: 'notStarted' } : DONE)),
    }),
  );
  expect(outcomes).toHaveLength(10_000);
  for (const [i, { acknowledged }] of outcomes.entries()) expect(acknowledged).toBe(i % 7 !== 0);
});

test('an empty batch answers at once', async () => {
  expect(await runBatch([], options({}))).toEqual([]);
});

test('a handler holds its slot only while it runs: slow storing does not idle the pool', async () => {
  const began = performance.now();
  await runBatch(
    numbers(20),
    options<number>({
      concurrency: 1,
      process: async (_item, runInSlot) => {
        await runInSlot(async () => {});
        await delay(500);
        return DONE;
      },
    }),
  );
  // One after another, storing alone would take 10 s.
  expect(performance.now() - began).toBeLessThan(8_000);
});

test('a claim that takes longer than a job idles no slot, and is not taken further ahead than the window', async () => {
  let admitted = 0;
  let furthestAhead = 0;
  let started = 0;
  const began = performance.now();
  await runBatch(
    numbers(60),
    options<number>({
      concurrency: 2,
      process: async (_item, runInSlot) => {
        admitted += 1;
        furthestAhead = Math.max(furthestAhead, admitted - started);
        await delay(100);
        return await runInSlot(async () => {
          started += 1;
          await delay(40);
          return DONE;
        });
      },
    }),
  );
  // 30 turns of 40 ms and one claim; if claims were taken one job ahead, each pair would wait for its own, 4.2 s.
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(furthestAhead).toBeLessThanOrEqual(8);
});

test('however large the batch, 500 items are under way at most, and the limit does not slow what goes on', async () => {
  let underWay = 0;
  let most = 0;
  const began = performance.now();
  const outcomes = await runBatch(
    numbers(2_000),
    options<number>({
      process: async (_item, runInSlot) => {
        underWay += 1;
        most = Math.max(most, underWay);
        return await runInSlot(() => DONE);
      },
      settle: async () => {
        await delay(50);
        underWay -= 1;
        return true;
      },
    }),
  );
  expect(outcomes.every(({ acknowledged }) => acknowledged)).toBe(true);
  expect(most).toBe(500);
  // Four turns of 50 ms; one at a time they would take 100 s.
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('what throws has failed, and its neighbours have not', async () => {
  const outcomes = await runBatch(
    numbers(5),
    options<number>({
      process: async (item) => {
        if (item === 2) throw new Error('boom');
        return DONE;
      },
      settle: async (item, { kind }) => {
        if (item === 3) throw new Error('bang');
        return kind === 'done';
      },
    }),
  );
  expect(outcomes.map(({ acknowledged }) => acknowledged)).toEqual([true, true, false, false, true]);
  expect(outcomes[2]?.verdict.kind).toBe('retry');
  expect(outcomes[3]?.error).toBeDefined();
});

test('items of one lane run one after another in their order, other lanes beside them', async () => {
  const order: string[] = [];
  const lanes = ['a', 'b', 'a', 'a', 'b', undefined, 'c'];
  let running = 0;
  let most = 0;
  await runBatch(
    lanes.map((lane, i) => ({ lane, i })),
    options<{ lane: string | undefined; i: number }>({
      laneOf: ({ lane }) => lane,
      process: async ({ lane, i }, runInSlot) => {
        await runInSlot(async () => {
          running += 1;
          most = Math.max(most, running);
          order.push(`${lane}${i}`);
          await delay(5);
          running -= 1;
        });
        await delay(5);
        order.push(`${lane}${i} stored`);
        return DONE;
      },
    }),
  );
  const ofLane = (lane: string) => order.filter((entry) => entry.startsWith(lane));
  expect(ofLane('a')).toEqual(['a0', 'a0 stored', 'a2', 'a2 stored', 'a3', 'a3 stored']);
  expect(ofLane('b')).toEqual(['b1', 'b1 stored', 'b4', 'b4 stored']);
  expect(most).toBe(4);
});

test('a lane goes on after an item of it failed', async () => {
  const outcomes = await runBatch(
    numbers(3),
    options<number>({
      laneOf: () => 'one',
      process: async (item) => {
        if (item === 0) throw new Error('boom');
        return DONE;
      },
    }),
  );
  expect(outcomes.map(({ acknowledged }) => acknowledged)).toEqual([false, true, true]);
});

describe('near the deadline', () => {
  test('jobs that no longer fit do not start, and what finished stays finished', async () => {
    const started: number[] = [];
    const outcomes = await runBatch(
      numbers(40),
      options<number>({
        concurrency: 2,
        deadline: new Deadline(400),
        timeLimitOf: () => 100,
        process: (item, runInSlot) =>
          runInSlot(async () => {
            started.push(item);
            await delay(40);
            return DONE;
          }).catch((): Verdict => ({ kind: 'notStarted' })),
      }),
    );
    const kinds = outcomes.map(({ verdict }) => verdict?.kind);
    expect(kinds.filter((kind) => kind === 'done')).toHaveLength(started.length);
    expect(started.length).toBeGreaterThan(2);
    expect(kinds.at(-1)).toBe('notStarted');
    expect(kinds.every((kind) => kind === 'done' || kind === 'notStarted')).toBe(true);
  });

  test('what waits behind results that nobody stores is told in time that it was not started', async () => {
    const verdicts: string[] = [];
    await runBatch(
      numbers(700),
      options<number>({
        deadline: new Deadline(1_000),
        timeLimitOf: () => 10,
        process: async (_item, runInSlot) => {
          await runInSlot(() => DONE);
          return await new Promise<Verdict>(() => {});
        },
        settle: async (_item, { kind }) => {
          verdicts.push(kind);
          return false;
        },
      }),
    );
    expect(verdicts.filter((kind) => kind === 'notStarted')).toHaveLength(200);
    // The last word on those that were being stored.
    expect(verdicts.filter((kind) => kind === 'retry')).toHaveLength(500);
  });

  test('a job that waits for a slot when the time is over gets NotStarted', async () => {
    const errors: unknown[] = [];
    await runBatch(
      numbers(2),
      options<number>({
        concurrency: 1,
        deadline: new Deadline(300),
        timeLimitOf: () => 150,
        process: async (_item, runInSlot) => {
          await runInSlot(() => delay(130)).catch((error: unknown) => errors.push(error));
          return DONE;
        },
      }),
    );
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(NotStarted);
  });

  test('a job that runs over its time limit is aborted through its signal, and says so', async () => {
    const [outcome] = await runBatch(
      [0],
      options<number>({
        timeLimitOf: () => 30,
        process: async (_item, runInSlot) => {
          await expect(runInSlot(({ signal }) => delay(5_000, undefined, { signal }))).rejects.toThrow(
            /time limit of 30 ms/,
          );
          return DONE;
        },
      }),
    );
    expect(outcome?.acknowledged).toBe(true);
  });

  test.each([new PermanentError('hopeless'), new Deferred('held elsewhere')])(
    'a handler that knows better is believed: %s',
    async (better) => {
      await runBatch(
        [0],
        options<number>({
          timeLimitOf: () => 20,
          process: async (_item, runInSlot) => {
            const run = runInSlot(async ({ signal }) => {
              await delay(5_000, undefined, { signal }).catch(() => {});
              throw better;
            });
            await expect(run).rejects.toBe(better);
            return DONE;
          },
        }),
      );
    },
  );
});

describe('handlers that ignore their signal', () => {
  const STUCK = new Promise<Verdict>(() => {});
  const asVerdict = (error: Error): Verdict =>
    error instanceof NotStarted
      ? { kind: 'notStarted' }
      : { kind: 'retry', afterMs: 0, runs: 1, failure: { ...FAILURE, errorClass: error.name } };

  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  test('take nobody along: who waits for a slot has not started, and they are given up', async () => {
    const deadline = new Deadline(10_000);
    const settled: [string, number][] = [];
    const answer = runBatch(
      numbers(44),
      options<number>({
        concurrency: 4,
        deadline,
        process: (_item, runInSlot) => runInSlot(() => STUCK).catch(asVerdict),
        settle: async (_item, { kind }) => {
          settled.push([kind, deadline.until(kind === 'notStarted' ? deadline.giveUpAt : deadline.settleAt)]);
          return false;
        },
      }),
    );
    await jest.advanceTimersByTimeAsync(10_000);
    const kinds = (await answer).map(({ verdict }) => verdict.kind);
    expect(kinds.slice(0, 4)).toEqual(['retry', 'retry', 'retry', 'retry']);
    expect(kinds.slice(4)).toEqual(new Array(40).fill('notStarted'));
    expect(settled.every(([, left]) => left > 0)).toBe(true);
    expect((await answer)[0]?.verdict).toMatchObject({ failure: { errorClass: 'GivenUp' } });
  });

  test('do not delay the answer past the end of the invocation, and a late result counts for nothing', async () => {
    const deadline = new Deadline(300);
    let release = (_: Verdict) => {};
    const late = new Promise<Verdict>((resolve) => {
      release = resolve;
    });
    const answer = runBatch(
      numbers(4),
      options<number>({
        concurrency: 2,
        deadline,
        timeLimitOf: () => 50,
        process: (item, runInSlot) => runInSlot(() => (item === 0 ? late : DONE)).catch(asVerdict),
      }),
    );
    let left = 0;
    void answer.then(() => {
      left = deadline.until(deadline.endsAt);
    });
    await jest.advanceTimersByTimeAsync(299);
    release(DONE);
    const outcomes = await answer;
    expect(left).toBeGreaterThan(0);
    expect(outcomes.map(({ acknowledged }) => acknowledged)).toEqual([false, true, true, true]);
    expect(outcomes[0]?.verdict.kind).toBe('retry');
  });
});

describe('an item without a verdict', () => {
  test('gets a last word when stores end, and it is acted on before the answer', async () => {
    jest.useFakeTimers();
    const deadline = new Deadline(10_000);
    const settled: [number, string][] = [];
    const answer = runBatch(
      numbers(3),
      options<number>({
        deadline,
        process: async (item, runInSlot) => {
          // The first hangs after its handler has answered, the second before it is called.
          if (item === 1) await runInSlot(() => {});
          return item === 0 ? DONE : await new Promise<Verdict>(() => {});
        },
        settle: async (item, { kind }) => {
          settled.push([item, kind]);
          // The promised delay knows nothing of the fake clock.
          await new Promise((resolve) => setTimeout(resolve, 10));
          return true;
        },
      }),
    );
    await jest.advanceTimersByTimeAsync(10_000);
    const outcomes = await answer;
    jest.useRealTimers();
    expect(settled).toEqual([
      [0, 'done'],
      [1, 'retry'],
      [2, 'notStarted'],
    ]);
    expect(outcomes.map(({ acknowledged }) => acknowledged)).toEqual([true, true, true]);
  });

  test('whose settling is slow keeps the verdict that it reached', async () => {
    jest.useFakeTimers();
    const answer = runBatch(
      numbers(1),
      options<number>({
        deadline: new Deadline(1_000),
        process: async () => ({ kind: 'dead', runs: 1, failure: FAILURE }),
        settle: () => new Promise(() => {}),
      }),
    );
    await jest.advanceTimersByTimeAsync(1_000);
    const outcomes = await answer;
    jest.useRealTimers();
    expect(outcomes).toMatchObject([{ verdict: { kind: 'dead' }, acknowledged: false }]);
  });
});

describe('items that must run alone', () => {
  test('start after all others are settled, one after another, and so do those of their lane', async () => {
    const events: string[] = [];
    const risky = new Set([1, 3]);
    let running = 0;
    const outcomes = await runBatch(
      numbers(8),
      options<number>({
        laneOf: (item) => (item === 3 || item === 6 ? 'shared' : undefined),
        process: async (item, runInSlot, isAlone) => {
          if (risky.has(item) && !isAlone) return AFTER_ALL_OTHERS;
          return await runInSlot(async () => {
            running += 1;
            if (isAlone) expect(running).toBe(1);
            await delay(5);
            running -= 1;
            events.push(`${isAlone ? 'alone' : 'ran'} ${item}`);
            return DONE;
          });
        },
        settle: async (item) => {
          await delay(10);
          events.push(`settled ${item}`);
          return true;
        },
        beforeAlone: async (acknowledged) => {
          events.push(`before alone: ${acknowledged.join()}`);
        },
      }),
    );
    expect(outcomes.every(({ acknowledged }) => acknowledged)).toBe(true);
    expect(events.slice(0, 10).every((event) => !event.includes('alone'))).toBe(true);
    expect(events.slice(10)).toEqual([
      'before alone: 0,2,4,5,7',
      ...['alone 1', 'settled 1', 'alone 3', 'settled 3', 'alone 6', 'settled 6'],
    ]);
  });

  test('get half of the time, however many others there are: those go back unstarted', async () => {
    jest.useFakeTimers();
    const ranAlone: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const answer = runBatch(
      numbers(200),
      options<number>({
        concurrency: 2,
        deadline: new Deadline(10_000),
        timeLimitOf: () => 500,
        process: (item, runInSlot, isAlone) => {
          if (item === 7 && !isAlone) return Promise.resolve(AFTER_ALL_OTHERS);
          return runInSlot(async () => {
            await wait(200);
            if (isAlone) ranAlone.push(item);
            return DONE;
          }).catch((): Verdict => ({ kind: 'notStarted' }));
        },
      }),
    );
    await jest.advanceTimersByTimeAsync(10_000);
    const outcomes = await answer;
    jest.useRealTimers();
    expect(ranAlone).toEqual([7]);
    expect(outcomes[7]?.verdict.kind).toBe('done');
    const count = (kind: string) => outcomes.filter(({ verdict }) => verdict.kind === kind).length;
    expect(count('done') + count('notStarted')).toBe(200);
    // 3.7 s in company, 200 ms each, two at a time.
    expect(count('done')).toBeGreaterThan(30);
    expect(count('notStarted')).toBeGreaterThan(100);
  });

  test('have not started when the others took all the time', async () => {
    jest.useFakeTimers();
    const answer = runBatch(
      numbers(3),
      options<number>({
        deadline: new Deadline(1_000),
        process: (item, runInSlot, isAlone) => {
          if (item > 0 && !isAlone) return Promise.resolve(AFTER_ALL_OTHERS);
          return runInSlot(() => new Promise<Verdict>(() => {}));
        },
      }),
    );
    await jest.advanceTimersByTimeAsync(1_000);
    const outcomes = await answer;
    jest.useRealTimers();
    expect(outcomes.map(({ verdict }) => verdict.kind)).toEqual(['retry', 'notStarted', 'notStarted']);
  });
});

test('it says when it is idle, so that collected work goes out', async () => {
  const waiting: (() => void)[] = [];
  const outcomes = await runBatch(
    numbers(30),
    options<number>({
      concurrency: 4,
      process: async (_item, runInSlot) => {
        await runInSlot(() => {});
        await new Promise<void>((resolve) => waiting.push(resolve));
        return DONE;
      },
      onIdle: () => {
        for (const resolve of waiting.splice(0)) resolve();
      },
    }),
  );
  expect(outcomes.every(({ acknowledged }) => acknowledged)).toBe(true);
});

test('any mix of lanes, failures and times: one outcome each, and the limit holds', async () => {
  const job = fc.record({
    lane: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    turns: fc.integer({ min: 0, max: 3 }),
    fails: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(job, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), async (jobs, concurrency) => {
      let running = 0;
      const runs = new Map<number, number>();
      const outcomes = await runBatch(
        jobs.map((item, i) => ({ ...item, i })),
        options<(typeof jobs)[number] & { i: number }>({
          concurrency,
          laneOf: ({ lane }) => (lane === undefined ? undefined : String(lane)),
          process: ({ i, turns, fails }, runInSlot) =>
            runInSlot(async () => {
              running += 1;
              expect(running).toBeLessThanOrEqual(concurrency);
              runs.set(i, (runs.get(i) ?? 0) + 1);
              for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
              running -= 1;
              if (fails) throw new Error('fails');
              return DONE;
            }),
        }),
      );
      expect(outcomes.map(({ acknowledged }) => acknowledged)).toEqual(jobs.map(({ fails }) => !fails));
      expect([...runs.values()].every((count) => count === 1)).toBe(true);
      expect(runs.size).toBe(jobs.length);
    }),
    { numRuns: 60 },
  );
});

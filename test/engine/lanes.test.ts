import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import type { BatchOptions } from '../../src/engine/batch-options.ts';
import { Deadline } from '../../src/engine/deadline.ts';
import { Lanes } from '../../src/engine/lanes.ts';
import { runBatch } from '../../src/engine/run-batch.ts';
import { AFTER_ALL_OTHERS, type Verdict } from '../../src/engine/verdict.ts';

const DONE: Verdict = { kind: 'done' };
const RETRY: Verdict = {
  kind: 'retry',
  afterMs: 0,
  runs: 1,
  failure: { kind: 'transient', errorClass: 'Error', message: 'no' },
};

interface Item {
  readonly name: string;
  readonly lane: string | undefined;
  readonly verdict: Verdict;
  readonly ms?: number;
}

const item = (name: string, verdict: Verdict = DONE, lane: string | undefined = name[0]): Item => ({
  name,
  lane,
  verdict,
});

/** @returns the names of the items whose handler ran, in the order in which they began */
function options(ran: string[], overrides: Partial<BatchOptions<Item>> = {}): BatchOptions<Item> {
  return {
    concurrency: 3,
    deadline: new Deadline(30_000),
    laneOf: ({ lane }) => lane,
    timeLimitOf: () => 1_000,
    process: (each, runInSlot) =>
      runInSlot(async () => {
        ran.push(each.name);
        if (each.ms !== undefined) await delay(each.ms);
        return each.verdict;
      }),
    settle: async (_item, { kind }) => kind === 'done',
    lastWord: () => RETRY,
    beforeAlone: async () => {},
    onStoresEnd: () => {},
    onIdle: () => {},
    ...overrides,
  };
}

test('the first of each lane may start, and its follower once it is released', () => {
  const lanes = new Lanes(['a', undefined, 'a', 'b', 'a']);
  expect([lanes.next(), lanes.next(), lanes.next(), lanes.next()]).toEqual([0, 1, 3, undefined]);
  lanes.release(0);
  expect([lanes.next(), lanes.next()]).toEqual([2, undefined]);
  expect([lanes.cut(2), lanes.cut(2), lanes.next()]).toEqual([4, undefined, undefined]);
});

describe('a lane that stops after a failure', () => {
  test('starts none of those behind it and reports them, while other lanes go on', async () => {
    const ran: string[] = [];
    const items = [
      item('a1'),
      item('a2', RETRY),
      item('b1'),
      item('a3'),
      item('b2'),
      item('a4'),
      item('x', DONE, undefined),
    ];
    const outcomes = await runBatch(items, options(ran, { afterFailure: 'stop' }));
    expect(ran.toSorted()).toEqual(['a1', 'a2', 'b1', 'b2', 'x']);
    expect(outcomes.map(({ acknowledged, verdict }) => `${verdict.kind} ${acknowledged}`)).toEqual([
      'done true',
      'retry false',
      'done true',
      'notStarted false',
      'done true',
      'notStarted false',
      'done true',
    ]);
  });

  test('goes on where that is the rule', async () => {
    const ran: string[] = [];
    await runBatch([item('a1', RETRY), item('a2'), item('a3')], options(ran, { afterFailure: 'goOn' }));
    expect(ran).toEqual(['a1', 'a2', 'a3']);
  });

  test('waits with each item until the one before is acknowledged, and stops where that fails', async () => {
    const ran: string[] = [];
    const acknowledged: string[] = [];
    const settle = async ({ name }: Item) => {
      await delay(20);
      // Its copy for the dead-letter queue could not be sent.
      if (name === 'a2') throw new Error('no');
      acknowledged.push(name);
      return true;
    };
    const items = [item('a1'), item('a2'), item('a3')];
    const process: BatchOptions<Item>['process'] = ({ name, verdict }, runInSlot) =>
      runInSlot(() => {
        expect(acknowledged).toEqual(name === 'a1' ? [] : ['a1']);
        ran.push(name);
        return verdict;
      });
    const outcomes = await runBatch(items, options(ran, { afterFailure: 'stop', settle, process }));
    expect(ran).toEqual(['a1', 'a2']);
    expect(outcomes.map((outcome) => outcome.acknowledged)).toEqual([true, false, true]);
  });

  test('keeps its order when one of it must run alone', async () => {
    const ran: string[] = [];
    const items = [item('a1'), item('a2'), item('b1'), item('a3')];
    const plain = options(ran);
    const process: BatchOptions<Item>['process'] = async (each, runInSlot, isAlone) =>
      each.name === 'a2' && !isAlone ? AFTER_ALL_OTHERS : await plain.process(each, runInSlot, isAlone);
    const outcomes = await runBatch(items, { ...plain, process, afterFailure: 'stop' });
    expect(ran.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(outcomes.every(({ acknowledged }) => acknowledged)).toBe(true);
  });

  test('has acknowledged the first few of it and none behind, whatever fails and however long it takes', async () => {
    const anyItem = fc.record({
      lane: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
      verdict: fc.constantFrom(DONE, DONE, DONE, RETRY),
      ms: fc.option(fc.nat(3), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyItem, { maxLength: 40 }), async (drafts) => {
        const items = drafts.map((draft, i) => ({ ...draft, name: String(i) }) as Item);
        const ran: string[] = [];
        const outcomes = await runBatch(items, options(ran, { afterFailure: 'stop' }));
        for (const lane of ['a', 'b', 'c']) {
          const indices = items.flatMap((each, i) => (each.lane === lane ? [i] : []));
          const failure = indices.findIndex((i) => items[i]?.verdict !== DONE);
          const passed = failure < 0 ? indices : indices.slice(0, failure);
          expect(indices.filter((i) => outcomes[i]?.acknowledged)).toEqual(passed);
          const began = ran.map(Number).filter((i) => indices.includes(i));
          expect(began).toEqual(failure < 0 ? indices : indices.slice(0, failure + 1));
        }
        expect(items.filter(({ lane }) => lane === undefined).every(({ name }) => ran.includes(name))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

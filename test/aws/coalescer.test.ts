import fc from 'fast-check';
import { Coalescer } from '../../src/aws/coalescer.ts';

const LIMITS = { maxItems: 25, maxInFlight: 2, lingerMs: 0 };

function recorder() {
  const requests: number[][] = [];
  const send = async (items: readonly number[]) => {
    requests.push([...items]);
    return items.map((item) => item * 10);
  };
  return { requests, send };
}

test('items of one turn of the event loop share a request, in order, and each gets its own result', async () => {
  const { requests, send } = recorder();
  const coalescer = new Coalescer({ ...LIMITS, send });
  const results = await Promise.all([3, 1, 2].map((item) => coalescer.submit(item)));
  expect(results).toEqual([30, 10, 20]);
  expect(requests).toEqual([[3, 1, 2]]);
});

test('a full request goes at once; the rest lingers until flush', async () => {
  const { requests, send } = recorder();
  const coalescer = new Coalescer({ ...LIMITS, lingerMs: 60_000, send });
  const all = Array.from({ length: 30 }, (_, i) => coalescer.submit(i));
  await all[24];
  expect(requests.map((items) => items.length)).toEqual([25]);
  coalescer.flush();
  await Promise.all(all);
  expect(requests.map((items) => items.length)).toEqual([25, 5]);
});

test('a lingering item goes when its time is over', async () => {
  const { requests, send } = recorder();
  const coalescer = new Coalescer({ ...LIMITS, lingerMs: 5, send });
  await coalescer.submit(1);
  expect(requests).toEqual([[1]]);
});

test('two items with one key never share a request', async () => {
  const { requests, send } = recorder();
  const coalescer = new Coalescer({ ...LIMITS, send, keyOf: (item) => String(item % 2) });
  await Promise.all([1, 2, 3, 4, 5].map((item) => coalescer.submit(item)));
  for (const items of requests) expect(new Set(items.map((item) => item % 2)).size).toBe(items.length);
  expect(requests.flat().sort()).toEqual([1, 2, 3, 4, 5]);
});

test('a request that fails fails its own items and no others', async () => {
  const coalescer = new Coalescer<number, number>({
    ...LIMITS,
    maxItems: 2,
    send: async (items) => {
      if (items.includes(3)) throw new Error('down');
      return items;
    },
  });
  const settled = await Promise.allSettled([1, 2, 3, 4, 5].map((item) => coalescer.submit(item)));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected', 'fulfilled']);
});

test('after slowDown nothing is sent for the pause, then everything is', async () => {
  const { requests, send } = recorder();
  const coalescer = new Coalescer({ ...LIMITS, send });
  coalescer.slowDown(30);
  const began = performance.now();
  await coalescer.submit(1);
  expect(performance.now() - began).toBeGreaterThanOrEqual(25);
  expect(requests).toEqual([[1]]);
});

test('close rejects what waits and what still comes', async () => {
  const { requests, send } = recorder();
  const coalescer = new Coalescer({ ...LIMITS, lingerMs: 60_000, send });
  const waiting = coalescer.submit(1);
  expect(coalescer.close(() => new Error('over'))).toBe(false);
  await expect(waiting).rejects.toThrow('over');
  await expect(coalescer.submit(2)).rejects.toThrow('over');
  expect(requests).toEqual([]);
});

test('whatever comes, in whatever order: each item is sent once, within every limit', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ size: fc.integer({ min: 0, max: 60 }), key: fc.integer({ min: 0, max: 20 }) }), {
        maxLength: 120,
      }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      async (sizes, maxItems, maxInFlight) => {
        const items = sizes.map((item, id) => ({ ...item, id }));
        const sent: number[] = [];
        let inFlight = 0;
        const coalescer = new Coalescer<(typeof items)[number], number>({
          maxItems,
          maxInFlight,
          maxBytes: 100,
          sizeOf: ({ size }) => size,
          keyOf: ({ key }) => String(key),
          lingerMs: 0,
          send: async (request) => {
            inFlight += 1;
            expect(inFlight).toBeLessThanOrEqual(maxInFlight);
            expect(request.length).toBeLessThanOrEqual(maxItems);
            expect(request.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(100);
            expect(new Set(request.map(({ key }) => key)).size).toBe(request.length);
            sent.push(...request.map(({ id }) => id));
            await new Promise((resolve) => setImmediate(resolve));
            inFlight -= 1;
            return request.map(({ id }) => id);
          },
        });
        const results = await Promise.all(items.map((item) => coalescer.submit(item)));
        expect(results).toEqual(items.map(({ id }) => id));
        expect(sent.sort((a, b) => a - b)).toEqual(items.map(({ id }) => id));
      },
    ),
    { numRuns: 60 },
  );
});

import fc from 'fast-check';
import { allSettings, cheapest, estimate, frontier, type Workload } from '../../bench/tuning/model.ts';
import { plot } from '../../bench/tuning/plot.ts';

const WAITS: Workload = { handlerMs: 200, waitingShare: 1, rate: 100, goalMs: 10_000, claims: false };
const SETTING = { batchSize: 10, windowSeconds: 1, concurrency: 1, memoryMb: 512 };

test('jobs that wait are cheaper the more of them wait at once', () => {
  const one = estimate(WAITS, SETTING);
  const ten = estimate(WAITS, { ...SETTING, concurrency: 10 });
  expect(one?.invocationMs).toBeGreaterThan(2_000);
  expect(ten?.invocationMs).toBeLessThan(220);
  expect(ten?.bill.lambda).toBeLessThan((one?.bill.lambda ?? 0) / 5);
});

test('jobs that compute gain nothing from running at once', () => {
  const computes = { ...WAITS, waitingShare: 0 };
  const one = estimate(computes, SETTING);
  const ten = estimate(computes, { ...SETTING, concurrency: 10 });
  expect(ten?.invocationMs).toBeCloseTo(one?.invocationMs ?? 0, -1);
});

test.each([
  ['a batch of more than ten without a window', { batchSize: 11, windowSeconds: 0 }],
  ['10,000 records in 128 MB', { batchSize: 10_000, windowSeconds: 1, memoryMb: 128 }],
])('%s is not possible', (_name, change) => {
  expect(estimate(WAITS, { ...SETTING, ...change })).toBeUndefined();
});

test('a setting that would need more than 1,000 invocations at once is not possible', () => {
  const flood = { ...WAITS, rate: 10_000 };
  expect(estimate(flood, { ...SETTING, batchSize: 1, windowSeconds: 0 })).toBeUndefined();
  expect(estimate(flood, { ...SETTING, concurrency: 10 })).toBeDefined();
});

test('a batch holds what comes in within its window, shared by five pollers, and no more', () => {
  expect(estimate({ ...WAITS, rate: 10 }, SETTING)?.jobsPerBatch).toBe(2);
  expect(estimate({ ...WAITS, rate: 1_000 }, SETTING)?.jobsPerBatch).toBe(10);
});

test('what is chosen keeps the goal, and nothing within the goal is cheaper by more than a hundredth', () => {
  const workloads = fc.record({
    handlerMs: fc.integer({ min: 1, max: 5_000 }),
    waitingShare: fc.double({ min: 0, max: 1, noNaN: true }),
    rate: fc.integer({ min: 1, max: 1_000 }),
    goalMs: fc.integer({ min: 50, max: 60_000 }),
    claims: fc.boolean(),
  });
  fc.assert(
    fc.property(workloads, (workload) => {
      const within = allSettings(workload).filter(({ latencyMs }) => latencyMs <= workload.goalMs);
      const chosen = cheapest(workload);
      if (within.length === 0) return expect(chosen).toBeUndefined();
      expect(chosen?.latencyMs).toBeLessThanOrEqual(workload.goalMs);
      const least = Math.min(...within.map(({ bill }) => bill.total));
      expect(chosen?.bill.total).toBeLessThanOrEqual(least * 1.01);
    }),
    { numRuns: 30 },
  );
});

test('claims cost a second write', () => {
  const without = estimate(WAITS, SETTING);
  const claiming = estimate({ ...WAITS, claims: true }, SETTING);
  expect((claiming?.bill.table ?? 0) - (without?.bill.table ?? 0)).toBeCloseTo(0.625, 6);
});

test('along the frontier, slower is always cheaper', () => {
  const worth = frontier(allSettings(WAITS));
  expect(worth.length).toBeGreaterThan(2);
  for (const [i, one] of worth.entries()) {
    const before = worth[i - 1];
    if (!before) continue;
    expect(one.latencyMs).toBeGreaterThan(before.latencyMs);
    expect(one.bill.total).toBeLessThan(before.bill.total);
  }
});

test('the plot is an SVG with the goal and the choice, and no number that is none', () => {
  const svg = plot(WAITS, frontier(allSettings(WAITS)), cheapest(WAITS));
  expect(svg).toMatch(/^<svg [^>]+>/);
  expect(svg).toContain('goal 10 s');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

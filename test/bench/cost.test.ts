import { billedMs, billFor } from '../../bench/cost/model.ts';

const ONE_WRITE = { writeUnits: 1, readUnits: 0, batch: 10, wallMs: 5, cpuMs: 1, memoryMb: 1_769 };

test('a million jobs with one write each cost the write, the queue requests and the invocations', () => {
  const { table, queue, lambda, total } = billFor(ONE_WRITE);
  expect(table).toBeCloseTo(0.625, 6);
  // 100,000 requests to send, to receive and to delete.
  expect(queue).toBeCloseTo(0.12, 6);
  // 100,000 invocations, and 500 s on 1,769 MB.
  expect(lambda).toBeCloseTo(0.02 + 500 * (1_769 / 1_024) * 0.0000166667, 6);
  expect(total).toBeCloseTo(table + queue + lambda, 9);
});

test('a batch of one pays a receive and a delete for each message', () => {
  expect(billFor({ ...ONE_WRITE, batch: 1 }).queue).toBeCloseTo(0.84, 6);
});

test('a batch of more than ten does not move more than ten messages in a request', () => {
  expect(billFor({ ...ONE_WRITE, batch: 1_000 }).queue).toBeCloseTo(0.12, 6);
});

test.each([
  ['CPU takes longer on a part of one', { wallMs: 10, cpuMs: 10, memoryMb: 884.5 }, 20],
  ['waiting does not', { wallMs: 10, cpuMs: 0, memoryMb: 128 }, 10],
  ['a part of a millisecond is billed as one', { wallMs: 0.2, cpuMs: 0, memoryMb: 128 }, 1],
  ['more memory than a whole CPU makes nothing faster', { wallMs: 10, cpuMs: 10, memoryMb: 3_008 }, 10],
])('%s', (_name, usage, ms) => {
  expect(billedMs(usage)).toBe(ms);
});

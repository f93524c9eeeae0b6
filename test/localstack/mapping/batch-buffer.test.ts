import { BatchBuffer, payloadLimitBytes } from '../../../localstack/mapping/batch-buffer.ts';
import type { BufferedRecord } from '../../../localstack/mapping/record.ts';

const record = (messageId: string, receivedAt = 0, bytes = 100): BufferedRecord => ({
  messageId,
  receiptHandle: messageId,
  json: '',
  bytes,
  receivedAt,
});
const ids = (batch: BufferedRecord[] | undefined): string[] | undefined => batch?.map(({ messageId }) => messageId);

function filled(limits: { batchSize: number; windowSeconds: number }, records: BufferedRecord[]): BatchBuffer {
  const buffer = new BatchBuffer(limits);
  for (const one of records) buffer.add(one);
  return buffer;
}

test('an empty buffer has no batch and no deadline', () => {
  const buffer = filled({ batchSize: 2, windowSeconds: 0 }, []);
  expect(buffer.take(1e15, true)).toBeUndefined();
  expect(buffer.dueAt()).toBeUndefined();
});

test('a full batch closes at once, one record less waits for the window that the first one opened', () => {
  const buffer = filled({ batchSize: 2, windowSeconds: 5 }, [record('a', 1000)]);
  expect(buffer.take(5999)).toBeUndefined();
  buffer.add(record('b', 4000));
  expect(ids(buffer.take(4000))).toEqual(['a', 'b']);
  buffer.add(record('c', 7000));
  expect(buffer.dueAt()).toBe(12_000);
  expect(buffer.take(11_999)).toBeUndefined();
  expect(ids(buffer.take(12_000))).toEqual(['c']);
});

test('flushing takes what there is, batch by batch in order', () => {
  const buffer = filled(
    { batchSize: 2, windowSeconds: 300 },
    ['a', 'b', 'c'].map((id) => record(id)),
  );
  expect([ids(buffer.take(0, true)), ids(buffer.take(0, true)), buffer.take(0, true)]).toEqual([
    ['a', 'b'],
    ['c'],
    undefined,
  ]);
  expect(buffer.length).toBe(0);
});

test('an event of exactly 6 MB stays in one batch, one byte more closes the batch before', () => {
  const limits = { batchSize: 10, windowSeconds: 300 };
  const envelope = '{"Records":[,]}'.length;
  const half = Math.floor((payloadLimitBytes - envelope) / 2);
  const rest = payloadLimitBytes - envelope - half;
  const exact = filled(limits, [record('a', 0, half), record('b', 0, rest)]);
  expect(exact.take(0)).toBeUndefined();
  expect(ids(exact.take(0, true))).toEqual(['a', 'b']);
  const over = filled(limits, [record('a', 0, half), record('b', 0, rest + 1)]);
  expect(ids(over.take(0))).toEqual(['a']);
  expect(over.take(0)).toBeUndefined();
  expect(ids(over.take(0, true))).toEqual(['b']);
});

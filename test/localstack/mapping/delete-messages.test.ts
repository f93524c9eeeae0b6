import { deleteMessages } from '../../../localstack/mapping/delete-messages.ts';
import { scriptedQueue } from './scripted-queue.ts';

const messages = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ messageId: `m${n}`, receiptHandle: `r${n}` }));
const url = 'http://queue.test/000000000000/jobs';

test('ten messages go into a request and at most five requests are under way', async () => {
  const queue = scriptedQueue();
  let running = 0;
  let peak = 0;
  const sizes: number[] = [];
  queue.fault = async (_, input) => {
    sizes.push((input.Entries as unknown[]).length);
    peak = Math.max(peak, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
  };
  expect(await deleteMessages(queue.sqs, url, messages(123), () => {})).toBe(123);
  expect(sizes.sort((a, b) => b - a)).toEqual([...Array(12).fill(10), 3]);
  expect(peak).toBe(5);
  expect(new Set(queue.deleted).size).toBe(123);
});

test('only what failed is sent again', async () => {
  const queue = scriptedQueue();
  const sent: number[] = [];
  queue.fault = (_, input) => {
    const entries = input.Entries as { Id: string }[];
    sent.push(entries.length);
    if (sent.length > 1) return undefined;
    const failure = { Id: '3', SenderFault: false, Code: 'InternalError' };
    return { Successful: entries.filter(({ Id }) => Id !== '3').map(({ Id }) => ({ Id })), Failed: [failure] };
  };
  expect(await deleteMessages(queue.sqs, url, messages(10), () => {})).toBe(10);
  expect(sent).toEqual([10, 1]);
  expect(queue.deleted).toEqual(['r3']);
});

test('a lost connection is retried; what stays undeletable is logged and does not hold up the rest', async () => {
  const queue = scriptedQueue();
  const log: string[] = [];
  queue.fault = (_, input) => {
    const entries = input.Entries as { ReceiptHandle: string }[];
    if (entries.some((entry) => entry.ReceiptHandle === 'r0')) throw new Error('connection lost');
  };
  expect(await deleteMessages(queue.sqs, url, messages(30), (line) => log.push(line))).toBe(20);
  expect(queue.requests.DeleteMessageBatch).toBe(5 + 2);
  expect(log).toEqual([expect.stringMatching(/Could not delete 10 processed messages \(m0, .*connection lost/)]);
});

import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { deliver, newDelivery, refusedCount } from '../../../../operator/commands/send/deliver.ts';
import type { Outgoing } from '../../../../operator/commands/send/outgoing.ts';
import { sendBatch } from '../../../../src/aws/sqs-api.ts';
import { MAX_BYTES } from '../../../../src/queues/attributes.ts';

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

/** The real client before a queue that answers when it likes, and refuses bodies that start with `!`. */
function slowQueue(delaysMs: readonly number[]) {
  const arrived: string[] = [];
  const requests: Entry[][] = [];
  let inFlight = 0;
  let most = 0;
  const sqs = new SQSClient({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      async handle({ body: sent }: { body: Uint8Array }) {
        const { Entries } = JSON.parse(Buffer.from(sent).toString()) as { Entries: Entry[] };
        requests.push(Entries);
        inFlight += 1;
        most = Math.max(most, inFlight);
        await delay(delaysMs[requests.length % delaysMs.length]);
        inFlight -= 1;
        const taken = Entries.filter(({ MessageBody }) => !MessageBody.startsWith('!'));
        arrived.push(...taken.map(({ MessageBody }) => MessageBody));
        const Failed = Entries.filter((entry) => !taken.includes(entry)).map(({ Id }) => ({ Id, Code: 'No' }));
        const Successful = taken.map(({ Id, MessageBody }) => ({
          Id,
          MessageId: Id,
          MD5OfMessageBody: hash('md5', MessageBody),
        }));
        const body = Readable.from([Buffer.from(JSON.stringify({ Successful, Failed }))]);
        return { response: { statusCode: 200, headers: {}, body } };
      },
    } as never,
  });
  const send = (entries: SendMessageBatchRequestEntry[]) => sendBatch(sqs, 'http://x/q', entries);
  return { send, mostBytes: MAX_BYTES, arrived, requests, most: () => most };
}

async function* stream(bodies: readonly string[]): AsyncGenerator<Outgoing> {
  for (const body of bodies) yield { body };
}

const signal = new AbortController().signal;
const delays = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 9 });
const size = fc.constantFrom(1, 30, 300_000, 600_000);

test('every message is sent once, in requests that SQS takes, at most eight at a time, and each is counted', async () => {
  const sizes = fc.array(fc.tuple(size, fc.boolean()), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, delays, async (messages, delaysMs) => {
      const bodies = messages.map(([length, isBad], i) => `${isBad ? '!' : ''}${i}-`.padEnd(length, 'x'));
      const queue = slowQueue(delaysMs);
      const delivery = newDelivery();
      await deliver(stream(bodies), { ...queue, fifo: false, signal }, delivery, () => {});
      const good = bodies.filter((body) => !body.startsWith('!'));
      expect(queue.arrived.toSorted()).toEqual(good.toSorted());
      expect([delivery.sent, refusedCount(delivery)]).toEqual([good.length, bodies.length - good.length]);
      expect(queue.most()).toBeLessThanOrEqual(8);
      for (const entries of queue.requests) {
        expect(entries.length).toBeLessThanOrEqual(10);
        expect(entries.reduce((sum, { MessageBody }) => sum + MessageBody.length, 0)).toBeLessThanOrEqual(1_048_576);
      }
    }),
    { numRuns: 25 },
  );
});

test('a FIFO queue gets messages in their order, however long each request takes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), delays, async (count, delaysMs) => {
      const bodies = Array.from({ length: count }, (_, i) => `message ${i}`);
      const queue = slowQueue(delaysMs);
      await deliver(stream(bodies), { ...queue, fifo: true, signal }, newDelivery(), () => {});
      expect(queue.arrived).toEqual(bodies);
    }),
    { numRuns: 25 },
  );
});

test('an interruption ends it after the requests under way, and all that was sent is counted', async () => {
  const interruption = new AbortController();
  const queue = slowQueue([1]);
  const delivery = newDelivery();
  const bodies = Array.from({ length: 1_000 }, (_, i) => `message ${i}`);
  const to = { ...queue, fifo: false, signal: interruption.signal };
  await deliver(stream(bodies), to, delivery, () => interruption.abort());
  expect(delivery.sent).toBe(queue.arrived.length);
  expect(delivery.sent).toBeGreaterThan(0);
  expect(delivery.sent).toBeLessThanOrEqual(160);
});

import { setTimeout as delay } from 'node:timers/promises';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { Holding, visibilityFor } from '../../../../operator/dead-letters/reading/holding.ts';
import { scan } from '../../../../operator/dead-letters/reading/scan.ts';
import type { World } from '../../../localstack/cloud-under-test.ts';
import { deadLetterCloud, depth, sendAll } from '../world.ts';

let world: World;
let url: string;
let fifo: string;

beforeEach(async () => {
  world = await deadLetterCloud();
  url = world.queueUrl('dead');
  fifo = world.queueUrl('dead.fifo');
});
afterEach(() => world[Symbol.asyncDispose]());

const bodies = (count: number) => Array.from({ length: count }, (_, i) => ({ MessageBody: `{"job_id":"j${i}"}` }));

async function bodiesSeen(holding: Holding): Promise<string[]> {
  const seen: string[] = [];
  for await (const letters of scan(holding)) seen.push(...letters.map(({ body }) => body));
  return seen;
}

test('every letter is seen once, hidden meanwhile, and visible again at the end; other queues are not touched', async () => {
  await sendAll(world, url, bodies(257));
  await sendAll(world, world.queueUrl('bystander'), bodies(3));
  {
    await using holding = await Holding.of(world.sqs, url);
    const seen = await bodiesSeen(holding);
    expect(seen.toSorted()).toEqual(
      bodies(257)
        .map(({ MessageBody }) => MessageBody)
        .toSorted(),
    );
    expect(await depth(world, url)).toEqual([0, 257]);
    expect(await holding.unseen()).toEqual({ waiting: 0, elsewhere: 0 });
  }
  expect(await depth(world, url)).toEqual([257, 0]);
  expect(await depth(world, world.queueUrl('bystander'))).toEqual([3, 0]);
});

test('a loop that breaks, throws or is aborted releases what it saw and what was under way', async () => {
  await sendAll(world, url, bodies(200));
  const abort = new AbortController();
  const endings: [(seen: number) => void, string | undefined][] = [
    [(seen) => seen > 0 && abort.abort(new Error('interrupted')), 'interrupted'],
    [
      () => {
        throw new Error('the consumer failed');
      },
      'the consumer failed',
    ],
  ];
  for (const [onLetters, message] of endings) {
    const run = async () => {
      await using holding = await Holding.of(world.sqs, url);
      for await (const _ of scan(holding, { signal: abort.signal.aborted ? undefined : abort.signal })) {
        onLetters(holding.seen);
      }
    };
    await expect(run()).rejects.toThrow(message);
    expect(await depth(world, url)).toEqual([200, 0]);
  }
  {
    await using holding = await Holding.of(world.sqs, url);
    for await (const _ of scan(holding)) break;
    expect(holding.held).toBeGreaterThan(0);
  }
  expect(await depth(world, url)).toEqual([200, 0]);
});

test('letters that another consumer holds are counted and left to it', async () => {
  await sendAll(world, url, bodies(20));
  const { Messages = [] } = await world.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 5, VisibilityTimeout: 60 }),
  );
  await using holding = await Holding.of(world.sqs, url);
  expect(await bodiesSeen(holding)).toHaveLength(15);
  expect(await holding.unseen()).toEqual({ waiting: 0, elsewhere: 5 });
  await holding.release();
  for (const { ReceiptHandle } of Messages) {
    await world.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  }
  expect(await depth(world, url)).toEqual([15, 0]);
});

test('a letter that comes round again because its hold ended is not handed out twice', async () => {
  await sendAll(world, url, bodies(60));
  await using holding = new Holding(world.sqs, url, 1);
  const seen: string[] = [];
  for await (const letters of scan(holding)) {
    seen.push(...letters.map(({ body }) => body));
    await delay(600);
  }
  expect(seen).toHaveLength(60);
  expect(new Set(seen).size).toBe(60);
});

test('a letter whose hold has ended is not deleted, and says so; the others are', async () => {
  await sendAll(world, url, bodies(4));
  let now = Date.now();
  await using holding = new Holding(world.sqs, url, 60, () => now);
  const early = await holding.receive(0);
  await sendAll(world, url, [{ MessageBody: 'late' }]);
  now += 59_000;
  const late = await holding.receive(0);
  now += 2_000;
  const refusals = await holding.delete([...early, ...late]);
  expect(refusals.map(({ letter }) => letter.body).toSorted()).toEqual(early.map(({ body }) => body).toSorted());
  expect(refusals[0]?.why).toContain('visibility timeout ended');
  await holding.release();
  expect(await depth(world, url)).toEqual([4, 0]);
});

test('stale handles are counted at the release and stop nothing', async () => {
  await sendAll(world, url, bodies(12));
  const holding = new Holding(world.sqs, url, 60);
  for await (const letters of scan(holding)) {
    const first = letters[0];
    // Somebody with the same handle, such as an operator in the console, deletes it meanwhile.
    if (holding.seen === 12 && first)
      await world.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first.receiptHandle }));
  }
  expect(await holding.release()).toEqual({ released: 11, stale: 1 });
  expect(await depth(world, url)).toEqual([11, 0]);
});

/** Two letters each, so that they sort as they count. */
const TWELVE = Array.from({ length: 12 }, (_, n) => `${n + 10}`);

test('of a FIFO queue ten of a group are seen, what is behind them is counted, and deleted ones make room', async () => {
  const messages = ['a', 'b', 'c'].flatMap((group) =>
    TWELVE.map((n) => ({
      MessageBody: `${group}${n}`,
      MessageGroupId: group,
      MessageDeduplicationId: `${group}${n}`,
    })),
  );
  await sendAll(world, fifo, messages);
  {
    await using holding = await Holding.of(world.sqs, fifo);
    expect((await bodiesSeen(holding)).toSorted()).toEqual(
      messages.filter((_, at) => at % 12 < 10).map(({ MessageBody }) => MessageBody),
    );
    expect(await holding.unseen()).toEqual({ waiting: 6, elsewhere: 0 });
  }
  await using holding = await Holding.of(world.sqs, fifo);
  const order: string[] = [];
  for await (const letters of scan(holding)) {
    order.push(...letters.map(({ body }) => body));
    expect(await holding.delete(letters)).toEqual([]);
  }
  for (const group of ['a', 'b', 'c']) {
    expect(order.filter((body) => body.startsWith(group))).toEqual(TWELVE.map((n) => `${group}${n}`));
  }
  expect(await depth(world, fifo)).toEqual([0, 0]);
});

test('a scan hides letters for a minute and as long as a slow link takes', () => {
  expect([0, 1, 200, 100_000].map(visibilityFor)).toEqual([60, 61, 61, 560]);
});

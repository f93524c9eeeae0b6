import { setTimeout as delay } from 'node:timers/promises';
import { jobs } from '#jobs';
import { emptyVerified, verify } from '../../../../operator/dead-letters/redriving/verify.ts';
import { DynamoDbStore } from '../../../../src/ledger/dynamodb/store.ts';
import { payloadFingerprint } from '../../../../src/ledger/record.ts';
import { answer, type Fault, type Passing, read, reset } from '../../../faults/faulty-handler.ts';
import type { World } from '../../../localstack/cloud-under-test.ts';
import { depth, sendAll } from '../world.ts';
import { drain, planRedrive, redriveCloud, storeResult } from './redrive-world.ts';

let world: World;
beforeEach(async () => {
  world = await redriveCloud();
});
afterEach(() => world[Symbol.asyncDispose]());

const body = (id: number | string, value: unknown = 1) => JSON.stringify({ job_id: String(id), value });
const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => body(from + i));
const dead = (bodies: readonly string[]) =>
  sendAll(
    world,
    world.queueUrl('main-dlq'),
    bodies.map((MessageBody) => ({ MessageBody })),
  );
const left = () => depth(world, world.queueUrl('main-dlq'));

/** The real queue, which refuses the first `count` messages that it is sent. */
function refusing(count: number): Fault {
  let refused = 0;
  return async ({ operation, input, forward }: Passing) => {
    if (operation !== 'SendMessageBatch' || refused >= count) return forward();
    const bad: { Id: string }[] = input.Entries.slice(0, count - refused);
    refused += bad.length;
    const Entries = input.Entries.slice(bad.length);
    const { Successful = [] } = Entries.length > 0 ? await read(await forward({ ...input, Entries })) : {};
    const Failed = bad.map(({ Id }) => ({ Id, Code: 'InvalidMessageContents', SenderFault: true }));
    return answer(200, { Successful, Failed });
  };
}

describe('a budget counts what SQS has accepted', () => {
  test('after a refusal --max still sends that many, and calls what it left alone left, not gone', async () => {
    await dead(many(50));
    const { apply } = await planRedrive(world, 'main', { fault: refusing(1) });
    expect(await apply({ most: 10 })).toMatchObject({
      tally: { sent: 10, refused: { InvalidMessageContents: 1 } },
      gone: 0,
      left: 39,
    });
    expect(await left()).toEqual([40, 0]);
  });

  test.each([1, 7, 30])('--max 10 sends ten where %d letters are refused on the way', async (refusals) => {
    await dead(many(60));
    const { apply } = await planRedrive(world, 'main', { fault: refusing(refusals) });
    const { tally, gone, left: untouched } = await apply({ most: 10 });
    expect([tally.sent, tally.refused.InvalidMessageContents, gone]).toEqual([10, refusals, 0]);
    expect(untouched).toBe(50 - refusals);
  });

  test('where too many are refused for --max, all others are sent and nothing is gone', async () => {
    await dead(many(12));
    const { apply } = await planRedrive(world, 'main', { fault: refusing(5) });
    expect(await apply({ most: 10 })).toMatchObject({ tally: { sent: 7 }, gone: 0, left: 0 });
  });

  test('a lost answer counts as sent: --max is a limit whatever the answers', async () => {
    await dead(many(50));
    let lost = 0;
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, input, forward }) => {
        if (operation !== 'SendMessageBatch' || lost > 0) return forward();
        lost = input.Entries.length;
        await forward();
        throw reset();
      },
    });
    const { tally, gone, left: untouched } = await apply({ most: 20 });
    expect([tally.sent + tally.unanswered, tally.unanswered]).toEqual([20, lost]);
    expect([gone, untouched]).toEqual([0, 30]);
    expect(await depth(world, world.queueUrl('main'))).toEqual([20, 0]);
  });

  test('a FIFO queue goes on with its other groups after a refusal, up to --max', async () => {
    const groups = ['a', 'b', 'c'].flatMap((group) =>
      [0, 1, 2, 3].map((i) => ({
        MessageBody: body(`${group}${i}`),
        MessageGroupId: group,
        MessageDeduplicationId: `${group}${i}`,
      })),
    );
    await sendAll(world, world.queueUrl('main-dlq.fifo'), groups);
    const { apply } = await planRedrive(world, 'main.fifo', { fault: refusing(1) });
    const { tally } = await apply({ most: 6 });
    expect(tally).toMatchObject({ sent: 6, refused: { InvalidMessageContents: 1 } });
  });
});

describe('verifying', () => {
  const inWindowsOfTen = { verify: true, window: 10, timeoutMs: 3_000 } as const;

  test('waits for the letters of every window, not only of the first', async () => {
    await dead(many(35));
    const { apply } = await planRedrive(world, 'main');
    await using _ = consumer();
    const { tally, verified } = await apply(inWindowsOfTen);
    expect([tally.sent, verified]).toEqual([35, { ...emptyVerified(), done: 35 }]);
  });

  test('goes on after a window in which a letter was refused', async () => {
    await dead(many(35));
    const { apply } = await planRedrive(world, 'main', { fault: refusing(1) });
    await using _ = consumer();
    expect(await apply(inWindowsOfTen)).toMatchObject({
      tally: { sent: 34, refused: { InvalidMessageContents: 1 } },
      verified: { done: 34 },
      gone: 0,
      left: 0,
    });
  });

  test('takes the result of another payload under the same id for none of its own', async () => {
    const ours = payloadFingerprint('triple', JSON.parse(body('a')));
    const departed = { letterId: 'l', messageId: 'm', key: 'a', fingerprint: ours, sentAt: Date.now() };
    await storeResult(world, { job_id: 'a', value: 2 });
    const verified = emptyVerified();
    const urls = { queueUrl: world.queueUrl('main'), deadLettersUrl: world.queueUrl('main-dlq') };
    const ledger = new DynamoDbStore(world.dynamodb, 'results').open();
    const signal = AbortSignal.timeout(10_000);
    await verify(
      [departed],
      { sqs: world.sqs, runs: { jobs, defaultType: 'triple' }, ledger, ...urls, timeoutMs: 300, signal },
      verified,
    );
    expect(verified).toMatchObject({ done: 0, unaccounted: 1 });
  });
});

describe('when a request fails in the middle', () => {
  test('a failing receive ends it, and what was done until then is told', async () => {
    await dead(many(400));
    let receives = 0;
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, forward }) => {
        // More than are worked on at once, so that some have left by then.
        if (operation === 'ReceiveMessage' && ++receives > 30) throw reset();
        return forward();
      },
    });
    const { tally, failure, gone, left: untouched } = await apply();
    expect(failure).toMatchObject({ message: 'socket hang up' });
    expect(tally.sent).toBeGreaterThan(0);
    expect([gone, untouched]).toEqual([0, 400 - tally.sent]);
    expect(await left()).toEqual([400 - tally.sent, 0]);
    expect(await depth(world, world.queueUrl('main'))).toEqual([tally.sent, 0]);
  });

  test('so does a failure while what was sent is waited for', async () => {
    await dead(many(5));
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, forward }) => {
        const waiting = operation === 'GetQueueAttributes' && (await depth(world, world.queueUrl('main')))[0] > 0;
        if (waiting) throw reset();
        return forward();
      },
    });
    const { tally, failure } = await apply({ verify: true, timeoutMs: 500 });
    expect([tally.sent, failure]).toEqual([5, expect.objectContaining({ message: 'socket hang up' })]);
  });
});

/** A worker that stores a result for whatever comes, until it is disposed of. */
function consumer(): AsyncDisposable {
  let running = true;
  const work = (async () => {
    while (running) {
      for (const { Body = '' } of await drain(world, 'main')) await storeResult(world, JSON.parse(Body));
      await delay(20);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      running = false;
      await work;
    },
  };
}

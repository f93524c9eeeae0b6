import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { cloudWith, queueResource, type World } from '../cloud-under-test.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';
const queues = (...names: string[]) =>
  Object.fromEntries(names.map((name, n) => [`Q${n}`, queueResource(`${name}.fifo`, { FifoQueue: true })]));

const send = (world: World, MessageBody: string, group: string, more: object = {}, queue = 'jobs') =>
  world.sqs.send(
    new SendMessageCommand({
      QueueUrl: world.queueUrl(`${queue}.fifo`),
      MessageBody,
      MessageGroupId: group,
      MessageDeduplicationId: randomUUID(),
      ...more,
    }),
  );

async function receive(world: World, more: object = {}, queue = 'jobs'): Promise<Message[]> {
  const input = { QueueUrl: world.queueUrl(`${queue}.fifo`), MaxNumberOfMessages: 10, ...more };
  const command = new ReceiveMessageCommand({ ...input, MessageSystemAttributeNames: ['All'] });
  return (await world.sqs.send(command)).Messages ?? [];
}

const remove = (world: World, { ReceiptHandle }: Message, queue = 'jobs') =>
  world.sqs.send(new DeleteMessageCommand({ QueueUrl: world.queueUrl(`${queue}.fifo`), ReceiptHandle }));

const show = (world: World, { ReceiptHandle }: Message, queue = 'jobs') => {
  const input = { QueueUrl: world.queueUrl(`${queue}.fifo`), ReceiptHandle, VisibilityTimeout: 0 };
  return world.sqs.send(new ChangeMessageVisibilityCommand(input));
};

const bodies = (messages: Message[]) => messages.map((message) => message.Body);

/** `Date.now` at our command: visibility timeouts pass when the test says so. */
function stoppedClock(): Disposable & { advance(seconds: number): void } {
  const real = Date.now;
  let now = real();
  Date.now = () => now;
  return {
    advance(seconds) {
      now += seconds * 1000;
    },
    [Symbol.dispose]() {
      Date.now = real;
    },
  };
}

describe('groups', () => {
  test('a receive brings up to ten of one group in order; the group is locked until the last of them is gone', async () => {
    await using world = await cloudWith(queues('jobs'));
    for (let n = 0; n < 12; n += 1) await send(world, `a${n}`, 'a');
    await send(world, 'b0', 'b');
    const first = await receive(world);
    expect(bodies(first)).toEqual(Array.from({ length: 10 }, (_, n) => `a${n}`));
    for (const message of first.slice(1)) await remove(world, message);
    expect(bodies(await receive(world))).toEqual(['b0']);
    await remove(world, first[0] as Message);
    expect(bodies(await receive(world))).toEqual(['a10', 'a11']);
  });

  test('messages that are made visible in any order come back in theirs', async () => {
    await using world = await cloudWith(queues('jobs'));
    for (const body of ['1', '2', '3', '4']) await send(world, body, 'a');
    const taken = await receive(world, { MaxNumberOfMessages: 3 });
    for (const at of [1, 0]) await show(world, taken[at] as Message);
    expect(await receive(world)).toEqual([]);
    await show(world, taken[2] as Message);
    expect(bodies(await receive(world))).toEqual(['1', '2', '3', '4']);
  });

  test('one group does not starve the others', async () => {
    await using world = await cloudWith(queues('jobs'));
    for (const body of ['a1', 'a2', 'b1', 'b2']) await send(world, body, body[0] as string);
    const seen: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      const [message] = await receive(world, { MaxNumberOfMessages: 1 });
      seen.push(message?.Body);
      await remove(world, message as Message);
    }
    expect(seen).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  test('a message that has had its receives goes to the DLQ, and its group goes on', async () => {
    const RedrivePolicy = { deadLetterTargetArn: `${ARN}:dead.fifo`, maxReceiveCount: 1 };
    await using world = await cloudWith({
      Dead: queueResource('dead.fifo', { FifoQueue: true }),
      Jobs: { ...queueResource('jobs.fifo', { FifoQueue: true, RedrivePolicy }), DependsOn: 'Dead' },
    });
    for (const body of ['1', '2']) await send(world, body, 'a');
    const [first] = await receive(world, { MaxNumberOfMessages: 1 });
    await show(world, first as Message);
    expect(bodies(await receive(world))).toEqual(['2']);
    expect(bodies(await receive(world, {}, 'dead'))).toEqual(['1']);
  });

  test('any sends, deletes, releases and timeouts: every group in order, one holder at a time, nothing lost', async () => {
    await using world = await cloudWith(queues('jobs'));
    using clock = stoppedClock();
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), group: fc.constantFrom('a', 'b', 'c') }),
      fc.record({
        do: fc.constant('receive' as const),
        most: fc.integer({ min: 1, max: 10 }),
        seconds: fc.integer({ min: 1, max: 60 }),
      }),
      fc.record({ do: fc.constantFrom('delete' as const, 'release' as const), at: fc.nat(9) }),
      fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const alive: Record<string, string[]> = { a: [], b: [], c: [] };
        let held: { message: Message; group: string; until: number }[] = [];
        let sent = 0;
        const take = async (more: object, seconds: number) => {
          const messages = await receive(world, { ...more, VisibilityTimeout: seconds });
          const locked = new Set(held.filter(({ until }) => until > Date.now()).map(({ group }) => group));
          const groups = messages.map((message) => message.Attributes?.MessageGroupId ?? '');
          for (const group of new Set(groups)) {
            expect(locked).not.toContain(group);
            const mine = bodies(messages.filter((_, n) => groups[n] === group));
            expect(mine).toEqual(alive[group]?.slice(0, mine.length));
          }
          held = held.filter(({ group }) => !groups.includes(group));
          const until = Date.now() + seconds * 1000;
          held.push(...messages.map((message, n) => ({ message, group: groups[n] ?? '', until })));
        };
        const forget = async (at: number) => {
          const [{ message, group }] = held.splice(at, 1) as [(typeof held)[number]];
          await remove(world, message);
          alive[group] = alive[group]?.filter((body) => body !== message.Body) ?? [];
        };
        for (const step of steps) {
          if (step.do === 'send') {
            sent += 1;
            await send(world, `${sent}`, step.group);
            alive[step.group]?.push(`${sent}`);
          } else if (step.do === 'receive') await take({ MaxNumberOfMessages: step.most }, step.seconds);
          else if (step.do === 'wait') clock.advance(step.seconds);
          else {
            // A handle whose time is over is another test's subject.
            const usable = held.filter(({ until }) => until > Date.now());
            const one = usable[step.at % usable.length];
            if (!one) continue;
            if (step.do === 'delete') await forget(held.indexOf(one));
            else {
              await show(world, one.message);
              held.splice(held.indexOf(one), 1);
            }
          }
        }
        clock.advance(61);
        while (Object.values(alive).flat().length > 0) {
          await take({ WaitTimeSeconds: 20 }, 30);
          held = held.filter(({ until }) => until > Date.now());
          expect(held).not.toEqual([]);
          while (held.length > 0) await forget(0);
        }
        expect(await receive(world)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

describe('deduplication', () => {
  test('is per queue, or per group where its scope says so, also when a template writes "True"', async () => {
    await using world = await cloudWith({
      Jobs: queueResource('jobs.fifo', { FifoQueue: 'True', ContentBasedDeduplication: 'True' }),
      Groups: queueResource('groups.fifo', {
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
      }),
    });
    const same = { MessageDeduplicationId: 'same' };
    for (const queue of ['jobs', 'groups']) {
      const first = await send(world, '1', 'a', same, queue);
      expect(await send(world, '2', 'a', same, queue)).toMatchObject({
        MessageId: first.MessageId,
        SequenceNumber: first.SequenceNumber,
      });
      await send(world, '3', 'b', same, queue);
    }
    expect(bodies(await receive(world))).toEqual(['1']);
    expect(bodies(await receive(world, {}, 'groups'))).toEqual(['1', '3']);
    const unnamed = { MessageDeduplicationId: undefined };
    expect((await send(world, 'x', 'a', unnamed)).MessageId).toBe((await send(world, 'x', 'b', unnamed)).MessageId);
  });

  test('is forgotten after five minutes, and by a purge', async () => {
    await using world = await cloudWith(queues('jobs'));
    using clock = stoppedClock();
    const same = { MessageDeduplicationId: 'same' };
    await send(world, '1', 'a', same);
    await world.sqs.send(new PurgeQueueCommand({ QueueUrl: world.queueUrl('jobs.fifo') }));
    await send(world, '2', 'a', same);
    expect(bodies(await receive(world, { VisibilityTimeout: 0 }))).toEqual(['2']);
    clock.advance(299);
    await send(world, '3', 'a', same);
    clock.advance(2);
    await send(world, '4', 'a', same);
    expect(bodies(await receive(world, { WaitTimeSeconds: 20 }))).toEqual(['2', '4']);
  });

  test.each([
    ['a group', { MessageGroupId: undefined }, 'MissingParameter'],
    ['a deduplication id', { MessageDeduplicationId: undefined }, 'InvalidParameterValue'],
  ])('a batch with an entry that lacks %s is refused whole', async (_, lack, name) => {
    await using world = await cloudWith(queues('jobs'));
    const entry = (Id: string) => ({ Id, MessageBody: Id, MessageGroupId: 'a', MessageDeduplicationId: Id });
    const Entries = [entry('1'), { ...entry('2'), ...lack }, entry('3')];
    const QueueUrl = world.queueUrl('jobs.fifo');
    await expect(world.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))).rejects.toMatchObject({ name });
    expect(await receive(world)).toEqual([]);
    await expect(send(world, 'x', 'a', lack)).rejects.toMatchObject({ name });
  });
});

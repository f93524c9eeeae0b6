import { SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { text } from '../../../../src/queues/attributes.ts';
import { REASON_ATTRIBUTE } from '../../../../src/queues/reason.ts';
import { answer, read, reset } from '../../../faults/faulty-handler.ts';
import type { World } from '../../../localstack/cloud-under-test.ts';
import { letterOf } from '../letters.ts';
import { depth, sendAll } from '../world.ts';
import { drain, planRedrive, redriveCloud, storeResult, take } from './redrive-world.ts';

let world: World;
beforeEach(async () => {
  world = await redriveCloud();
});
afterEach(() => world[Symbol.asyncDispose]());

const body = (id: number | string, value: unknown = 1) => JSON.stringify({ job_id: String(id), value });
const dead = (...bodies: string[]) =>
  sendAll(
    world,
    world.queueUrl('main-dlq'),
    bodies.map((MessageBody) => ({ MessageBody })),
  );
const bodies = async (name: string) => (await take(world, name)).map(({ Body }) => Body ?? '').sort();
const many = (count: number) => Array.from({ length: count }, (_, i) => body(i));

test('a letter goes back byte for byte, with its attributes, tenant and trace', async () => {
  const overflow = { eleventh: { dataType: 'Binary', binaryValue: Buffer.from([0, 255]).toString('base64') } };
  const { MessageAttributes: reason } = letterOf('', { overflow } as object);
  const own = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [
      `a${i}`,
      i ? text(`${i}`) : { DataType: 'Binary.png', BinaryValue: Uint8Array.of(0, 1, 255) },
    ]),
  );
  const MessageBody = ' {"value": 1.0,\n "job_id":"é💥"}';
  await world.sqs.send(
    new SendMessageCommand({
      QueueUrl: world.queueUrl('main-dlq'),
      MessageBody,
      MessageAttributes: { ...own, ...reason },
      MessageSystemAttributes: { AWSTraceHeader: text('Root=1-5759e988-bd862e3fe1be46a994272793') },
      MessageGroupId: 'tenant',
    }),
  );
  const { apply } = await planRedrive(world, 'main');
  expect((await apply()).tally).toMatchObject({ sent: 1, notDeleted: 0, dropped: 0 });
  const [message] = await take(world, 'main');
  expect(message?.Body).toBe(MessageBody);
  expect(message?.Attributes).toMatchObject({
    MessageGroupId: 'tenant',
    AWSTraceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
  });
  const attributes = message?.MessageAttributes ?? {};
  expect(Object.keys(attributes).sort()).toEqual([...Object.keys(own), 'eleventh'].sort());
  expect([...(attributes.a0?.BinaryValue ?? [])]).toEqual([0, 1, 255]);
  expect(attributes.a0?.DataType).toBe('Binary.png');
  expect([...(attributes.eleventh?.BinaryValue ?? [])]).toEqual([0, 255]);
  expect(await depth(world, world.queueUrl('main-dlq'))).toEqual([0, 0]);
});

test('the reason travels along where there is room, and the mark of returned messages does not', async () => {
  const MessageAttributes = {
    [REASON_ATTRIBUTE]: text('{"errorClass":"E"}'),
    SluiceRequeued: text('5'),
    mine: text('1'),
  };
  await sendAll(world, world.queueUrl('main-dlq'), [{ MessageBody: body(1), MessageAttributes }]);
  await (await planRedrive(world, 'main')).apply();
  const [message] = await take(world, 'main');
  expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual([REASON_ATTRIBUTE, 'mine']);
});

test('what is done is dropped, what conflicts or would fail stays, and only the rest goes back', async () => {
  await storeResult(world, { job_id: 'done', value: 1 });
  await storeResult(world, { job_id: 'conflict', value: 2 });
  await dead(body('done'), body('conflict'), body('fresh'), '{', body('bad', 'text'));
  const { plan, apply } = await planRedrive(world, 'main');
  expect(plan.totals).toMatchObject({ goesBack: 1, alreadyDone: 1, conflict: 1, wouldFailAgain: 2, notSelected: 0 });
  expect(await depth(world, world.queueUrl('main-dlq'))).toEqual([5, 0]);
  const { tally, gone, left } = await apply();
  expect({ ...tally, gone, left }).toMatchObject({ sent: 1, dropped: 1, kept: 0, gone: 0, left: 0 });
  expect(await bodies('main')).toEqual([body('fresh')]);
  expect(await bodies('main-dlq')).toEqual([body('conflict'), body('bad', 'text'), '{'].sort());
});

test('what would fail again goes back where the operator says so', async () => {
  await dead('{', body(1));
  const { apply } = await planRedrive(world, 'main', { rules: { includeInvalid: true } });
  expect((await apply()).tally.sent).toBe(2);
  expect(await bodies('main')).toEqual([body(1), '{'].sort());
});

test('a filter leaves the bystanders where they are, visible at once', async () => {
  await dead(...many(30));
  const { plan, apply } = await planRedrive(world, 'main', { filter: { jobId: '7' } });
  expect(plan.totals).toMatchObject({ goesBack: 1, notSelected: 29 });
  await apply();
  expect(await depth(world, world.queueUrl('main-dlq'))).toEqual([29, 0]);
  expect(await bodies('main')).toEqual([body(7)]);
});

test('a letter that came in after the plan stays', async () => {
  await dead(body(1));
  const { apply } = await planRedrive(world, 'main');
  await dead(body(2));
  await apply();
  expect(await bodies('main')).toEqual([body(1)]);
  expect(await bodies('main-dlq')).toEqual([body(2)]);
});

test('a job that was done after the plan is dropped, not run again', async () => {
  await dead(body(1), body(2));
  const { apply } = await planRedrive(world, 'main');
  await storeResult(world, { job_id: '1', value: 1 });
  expect((await apply()).tally).toMatchObject({ sent: 1, dropped: 1 });
  expect(await bodies('main')).toEqual([body(2)]);
});

test('a letter that another consumer took after the plan is counted as gone', async () => {
  await dead(body(1), body(2));
  const { apply } = await planRedrive(world, 'main');
  await take(world, 'main-dlq');
  expect(await apply()).toMatchObject({ tally: { sent: 0 }, gone: 2, left: 0 });
});

test('no more go than --max says, and the rest is named as left', async () => {
  await dead(...many(40));
  const { apply } = await planRedrive(world, 'main');
  expect(await apply({ most: 25 })).toMatchObject({ tally: { sent: 25 }, gone: 0, left: 15 });
  expect(await depth(world, world.queueUrl('main-dlq'))).toEqual([15, 0]);
});

describe('when requests fail in part', () => {
  test('a letter that SQS refuses stays, is counted by its code, and the others go', async () => {
    await dead(...many(25));
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, input, forward }) => {
        if (operation !== 'SendMessageBatch') return forward();
        const refused = input.Entries.filter(({ MessageBody }: { MessageBody: string }) => MessageBody === body(3));
        const Entries = input.Entries.filter((entry: object) => !refused.includes(entry));
        const { Successful = [] } = Entries.length ? await read(await forward({ ...input, Entries })) : {};
        const Failed = refused.map(({ Id }: { Id: string }) => ({
          Id,
          Code: 'InvalidMessageContents',
          SenderFault: true,
        }));
        return answer(200, { Successful, Failed });
      },
    });
    expect((await apply()).tally).toMatchObject({ sent: 24, refused: { InvalidMessageContents: 1 }, notDeleted: 0 });
    expect(await bodies('main-dlq')).toEqual([body(3)]);
    expect((await bodies('main')).length).toBe(24);
  });

  test('a letter that was sent and not deleted is in both places, and a second run drops it once it is done', async () => {
    await dead(...many(12));
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, input, forward }) => {
        if (operation !== 'DeleteMessageBatch') return forward();
        const [first, ...Entries] = input.Entries;
        const { Successful = [] } = Entries.length ? await read(await forward({ ...input, Entries })) : {};
        return answer(200, { Successful, Failed: [{ Id: first.Id, Code: 'InternalError', SenderFault: false }] });
      },
    });
    const { tally, gone } = await apply();
    expect(tally.notDeleted).toBeGreaterThan(0);
    expect([tally.sent + tally.notDeleted, gone]).toEqual([12, 0]);
    expect(await depth(world, world.queueUrl('main-dlq'))).toEqual([tally.notDeleted, 0]);
    expect(await bodies('main')).toEqual(many(12).sort());
    for (let i = 0; i < 12; i++) await storeResult(world, { job_id: String(i), value: 1 });
    const again = await (await planRedrive(world, 'main')).apply();
    expect(again.tally).toMatchObject({ sent: 0, dropped: tally.notDeleted });
  });

  test('a letter whose answer was lost stays here, and may be there', async () => {
    await dead(...many(20));
    let lost = 0;
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, input, forward }) => {
        if (operation !== 'SendMessageBatch' || lost > 0) return forward();
        lost = input.Entries.length;
        await forward();
        throw reset();
      },
    });
    expect((await apply()).tally).toMatchObject({ sent: 20 - lost, unanswered: lost, refused: {} });
    expect(await bodies('main')).toEqual(many(20).sort());
    expect((await bodies('main-dlq')).length).toBe(lost);
  });

  test('a letter for which SQS refuses its whole request takes none of its neighbours along', async () => {
    await dead(...many(25));
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, input, forward }) =>
        operation === 'SendMessageBatch' && JSON.stringify(input).includes(JSON.stringify(body(3)))
          ? answer(400, { __type: 'com.amazonaws.sqs#InvalidParameterValue', message: 'no such character' })
          : forward(),
    });
    const { tally } = await apply();
    expect([tally.sent, Object.values(tally.refused)]).toEqual([24, [1]]);
    expect(await bodies('main-dlq')).toEqual([body(3)]);
  });

  test('without the destination nothing leaves', async () => {
    await dead(...many(5));
    const { apply } = await planRedrive(world, 'main', {
      fault: async ({ operation, forward }) =>
        operation === 'SendMessageBatch'
          ? answer(400, { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'no such queue' })
          : forward(),
    });
    const { tally } = await apply();
    expect(Object.values(tally.refused)).toEqual([5]);
    expect((await bodies('main-dlq')).length).toBe(5);
  });
});

test('no more than --rate go in a second', async () => {
  await dead(...many(60));
  const { Pacer } = await import('../../../../operator/dead-letters/redriving/pacer.ts');
  const { apply } = await planRedrive(world, 'main');
  const started = performance.now();
  await apply({ pacer: new Pacer(30) });
  const seconds = (performance.now() - started) / 1_000;
  // 60 at 30 a second: the last tenth of a second's worth goes after 1.9 s.
  expect(seconds).toBeGreaterThanOrEqual(1.85);
  expect(seconds).toBeLessThan(10);
});

describe('a FIFO queue', () => {
  const GROUPS = ['a', 'b', 'c', 'd', 'e'];
  const entry = (group: string, i: number, MessageBody = body(`${group}${i}`)) => ({
    MessageBody,
    MessageGroupId: group,
    MessageDeduplicationId: `${group}${i}`,
  });
  async function fill(count: number, special: (group: string, i: number) => string | undefined = () => undefined) {
    for (let i = 0; i < count; i++) {
      const Entries = GROUPS.map((group) => ({
        Id: group,
        ...entry(group, i, special(group, i) ?? body(`${group}${i}`)),
      }));
      await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('main-dlq.fifo'), Entries }));
    }
  }
  const inGroups = (messages: Awaited<ReturnType<typeof take>>) =>
    Object.groupBy(messages, ({ Attributes }) => Attributes?.MessageGroupId ?? '');

  test('keeps the order of its groups, though another consumer reads the dead letters at the same time', async () => {
    await fill(40);
    const { plan, apply } = await planRedrive(world, 'main.fifo');
    expect(plan.totals.goesBack).toBeGreaterThan(0);
    let running = true;
    const stolen: string[] = [];
    const rival = (async () => {
      while (running) {
        for (const { Body = '' } of (await take(world, 'main-dlq.fifo')).slice(0, 3)) stolen.push(Body);
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    })();
    const { tally } = await apply();
    running = false;
    await rival;
    const arrived = inGroups(await drain(world, 'main.fifo'));
    let count = 0;
    for (const group of GROUPS) {
      const numbers = (arrived[group] ?? []).map(({ Body }) => Number(JSON.parse(Body ?? '').job_id.slice(1)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      count += numbers.length;
    }
    expect(count).toBe(tally.sent);
  });

  test('goes back whole, head by head, though a plan sees only heads', async () => {
    await fill(25);
    const { apply } = await planRedrive(world, 'main.fifo');
    const { tally } = await apply();
    expect(tally.sent).toBe(125);
    const arrived = inGroups(await drain(world, 'main.fifo'));
    for (const group of GROUPS) {
      expect(arrived[group]?.map(({ Body }) => Body)).toEqual(
        Array.from({ length: 25 }, (_, i) => body(`${group}${i}`)),
      );
    }
    expect(await depth(world, world.queueUrl('main-dlq.fifo'))).toEqual([0, 0]);
  });

  test('stops a group at a letter that stays, and no other group', async () => {
    await fill(25, (group, i) => (group === 'b' && i === 14 ? '{' : undefined));
    const { tally } = await (await planRedrive(world, 'main.fifo')).apply();
    expect(tally.sent).toBe(100 + 14);
    const left = await drain(world, 'main-dlq.fifo');
    expect(new Set(left.map(({ Attributes }) => Attributes?.MessageGroupId))).toEqual(new Set(['b']));
    expect(left[0]?.Body).toBe('{');
    expect(inGroups(await drain(world, 'main.fifo')).b?.length).toBe(14);
  });

  test('swallows the second of two sends of one letter within five minutes, and not a later redrive', async () => {
    await fill(1);
    const lossy = await planRedrive(world, 'main.fifo', {
      fault: async ({ operation, forward }) => {
        if (operation !== 'SendMessageBatch') return forward();
        await forward();
        throw reset();
      },
    });
    expect((await lossy.apply()).tally).toMatchObject({ sent: 0, unanswered: 5 });
    expect((await (await planRedrive(world, 'main.fifo')).apply()).tally.sent).toBe(5);
    expect((await drain(world, 'main.fifo')).length).toBe(5);
  });
});

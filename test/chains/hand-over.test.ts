import { randomUUID } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { readLetter } from '../../operator/dead-letters/reading/read-letter.ts';
import { redrivenMessage } from '../../operator/dead-letters/redriving/redriven-message.ts';
import { PermanentError } from '../../src/failures/errors.ts';
import { type AnyJobType, defineJob } from '../../src/job.ts';
import { endpointsOfProject, LOCATION } from '../backend.ts';
import { answer, FaultyHandler, type Passing, read, reset } from '../faults/faulty-handler.ts';
import { startWorld, type World } from '../world.ts';

const TRACE = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';

type Order = { order_id: string; amount: number };

/** Hands over all but what is free. */
const reserve = defineJob<Order>({
  schema: ((job: Order) => typeof job.order_id === 'string') as never,
  key: ({ order_id }) => order_id,
  namespace: 'reserve',
  handle: ({ amount }) => ({ reserved: amount }),
  handOver: ({ order_id, amount }, result) => (amount === 0 ? undefined : { order_id, result }),
});
const claiming = { ...reserve, claims: true };

let world: World;
let sqs: SQSClient;
let nextQueueUrl: string;

beforeEach(async () => {
  world = await startWorld();
  const endpoint = endpointsOfProject()?.sqs ?? new URL(world.environment.queueUrl).origin;
  sqs = new SQSClient({ ...LOCATION, endpoint });
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `next-${randomUUID()}` }));
  nextQueueUrl = QueueUrl as string;
});

afterEach(async () => {
  await sqs.send(new DeleteQueueCommand({ QueueUrl: nextQueueUrl }));
  sqs.destroy();
  await world.close();
});

const worker = (types: Record<string, AnyJobType>, fault?: (request: Passing) => ReturnType<Passing['forward']>) =>
  world.worker(types, {
    environment: { nextQueueUrl, defaultType: 'reserve' },
    ...(fault && { clients: world.clientsWith({ maxAttempts: 1, requestHandler: new FaultyHandler(fault) }) }),
  });

/** What came to the next queue; each is there to be read once. */
async function handedOver(): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const request = { QueueUrl: nextQueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600, WaitTimeSeconds: 0 };
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ ...request, MessageSystemAttributeNames: ['All'] }),
    );
    if (Messages.length === 0) return all;
    all.push(...Messages);
  }
}

const idsOf = (messages: readonly Message[]) => messages.map(({ Body = '' }) => JSON.parse(Body).order_id).toSorted();
const orders = (count: number) => Array.from({ length: count }, (_, i) => ({ order_id: `o-${i}`, amount: i + 1 }));

/** The records as SQS hands them out on a later receive. */
const onReceive = (records: readonly SQSRecord[], count: number) =>
  records.map((record) => ({
    ...record,
    attributes: { ...record.attributes, ApproximateReceiveCount: String(count) },
  }));

const isToNext = ({ operation, input }: Passing) => operation === 'SendMessageBatch' && input.QueueUrl === nextQueueUrl;
const isConfirm = ({ operation, input }: Passing) =>
  operation === 'BatchExecuteStatement' && input.Statements[0].Statement.includes('HandedOverAt"=?');

/** Counts what passes, and lets it. */
function counting() {
  const operations: string[] = [];
  const fault = (request: Passing) => {
    operations.push(isToNext(request) ? 'handOver' : isConfirm(request) ? 'confirm' : request.operation);
    return request.forward();
  };
  return { operations, fault };
}

describe.each([
  ['a type without claims', reserve, 1],
  ['a type that claims', claiming, 2],
])('%s', (_what, type, writes) => {
  test('stores what it hands over with its result, sends ten to a request, then confirms, and only then is acknowledged', async () => {
    const { operations, fault } = counting();
    await world.send([...orders(10), { order_id: 'free', amount: 0 }]);
    const { failed, report } = await worker({ reserve: type }, fault)(await world.receive());
    expect(failed).toEqual([]);
    expect(report).toMatchObject({ verdicts: { done: 11 }, handedOver: 10, acknowledged: 11 });
    const messages = await handedOver();
    expect(messages.map(({ Body = '' }) => JSON.parse(Body))).toContainEqual({
      order_id: 'o-4',
      result: { reserved: 5 },
    });
    expect(idsOf(messages)).toEqual(idsOf(messages).filter((id) => id !== 'free'));
    expect(messages).toHaveLength(10);
    const items = await world.items();
    expect(items.get('reserve:o-4')).toMatchObject({ Status: 'done', Result: { reserved: 5 } });
    expect([...items.values()].filter((item) => 'HandOver' in item)).toEqual([]);
    expect([...items.values()].filter((item) => 'HandedOverAt' in item)).toHaveLength(10);
    expect(operations.filter((operation) => operation === 'BatchExecuteStatement')).toHaveLength(writes);
    expect(operations.indexOf('handOver')).toBeGreaterThan(operations.lastIndexOf('BatchExecuteStatement'));
    expect(operations.slice(writes)).toEqual(['handOver', 'confirm']);
  });

  test('whose process died between result and hand-over is sent on when its message comes back, without running again', async () => {
    await world.send(orders(3));
    const records = await world.receive();
    // Nothing reaches the next queue, and no verdict reaches its own: so it is for a process that was killed.
    await worker({ reserve: type }, (request) =>
      request.operation.startsWith('Batch') ? request.forward() : Promise.reject(reset()),
    )(records);
    expect(await handedOver()).toEqual([]);
    expect((await world.items()).get('reserve:o-1')).toMatchObject({
      Status: 'done',
      HandOver: '{"order_id":"o-1","result":{"reserved":2}}',
    });
    const handle = () => {
      throw new Error('it runs again');
    };
    const { failed, report } = await worker({ reserve: { ...type, handle } })(onReceive(records, 2));
    expect(failed).toEqual([]);
    expect(report).toMatchObject({ verdicts: { duplicate: 3 }, handedOver: 3 });
    expect(idsOf(await handedOver())).toEqual(['o-0', 'o-1', 'o-2']);
    // Once confirmed it is not sent again, however often the message comes.
    const again = await worker({ reserve: { ...type, handle } })(onReceive(records, 3));
    expect(again.report).toMatchObject({ verdicts: { duplicate: 3 }, handedOver: 0 });
    expect(await handedOver()).toEqual([]);
  });

  test('that is sent again under a new message id, as a redrive does, goes on where it stopped', async () => {
    await world.send(orders(2));
    await worker({ reserve: type }, (request) => (isToNext(request) ? Promise.reject(reset()) : request.forward()))(
      await world.receive(),
    );
    await world.send(orders(2));
    const records = onReceive(await world.receive(), 1);
    const { failed, report } = await worker({ reserve: type })(records);
    expect(failed).toEqual([]);
    expect(report).toMatchObject({ verdicts: { done: 0, duplicate: records.length }, handedOver: 2 });
    expect(idsOf(await handedOver())).toEqual(['o-0', 'o-1']);
  });

  test('is not acknowledged while the next queue takes nothing, is not counted as failed, and comes back later', async () => {
    await world.send([...orders(2), { order_id: 'free', amount: 0 }]);
    const records = await world.receive();
    const refuses = worker({ reserve: type }, (request) =>
      isToNext(request)
        ? Promise.resolve(answer(400, { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'gone' }))
        : request.forward(),
    );
    const first = await refuses(records);
    expect(first.failed).toHaveLength(2);
    expect(first.report).toMatchObject({
      verdicts: { done: 1, deferred: 2, retry: 0, dead: 0 },
      errors: { queueSend: 2 },
      handedOver: 0,
    });
    expect(Object.keys(first.report.deferrals)).toEqual([
      'what the job hands over could not be sent to the next queue',
    ]);
    // On its last permitted receives it goes back as a copy, never to the dead letters.
    const last = await refuses(onReceive(records, 4));
    expect(last).toMatchObject({ failed: [], report: { requeued: 2, verdicts: { dead: 0 } } });
    expect(await world.deadLetters()).toEqual([]);
    expect(await handedOver()).toEqual([]);
    expect((await world.items()).get('reserve:o-0')).toMatchObject({
      Status: 'done',
      FencingToken: 1,
      HandOver: expect.anything(),
    });
  });

  test('whose hand-over was sent and the answer lost is sent again: a duplicate there, and confirmed once', async () => {
    await world.send(orders(1));
    const records = await world.receive();
    const { failed } = await worker({ reserve: type }, async (request) => {
      if (!isToNext(request)) return await request.forward();
      await read(await request.forward());
      throw reset();
    })(records);
    expect(failed).toHaveLength(1);
    await worker({ reserve: type })(onReceive(records, 2));
    expect(idsOf(await handedOver())).toEqual(['o-0', 'o-0']);
    expect((await world.items()).get('reserve:o-0')).not.toHaveProperty('HandOver');
  });

  test('whose confirmation fails is acknowledged all the same, tried once, and sent again only if its message comes again', async () => {
    let confirms = 0;
    await world.send(orders(1));
    const records = await world.receive();
    const { failed, report } = await worker({ reserve: type }, (request) => {
      if (!isConfirm(request)) return request.forward();
      confirms += 1;
      return Promise.reject(reset());
    })(records);
    expect({ failed, confirms, handedOver: report.handedOver }).toEqual({ failed: [], confirms: 1, handedOver: 1 });
    expect((await world.items()).get('reserve:o-0')).toMatchObject({ HandOver: expect.anything() });
    await worker({ reserve: type })(onReceive(records, 2));
    expect(idsOf(await handedOver())).toEqual(['o-0', 'o-0']);
    expect((await world.items()).get('reserve:o-0')).not.toHaveProperty('HandOver');
  });

  test('of which SQS refuses one hand-over: that one comes back, and its neighbours go on', async () => {
    await world.send(orders(3));
    const { failed } = await worker({ reserve: type }, async (request) => {
      if (!isToNext(request)) return await request.forward();
      const Entries = request.input.Entries as { Id: string; MessageBody: string }[];
      const refused = Entries.find(({ MessageBody }) => MessageBody.includes('"o-1"'));
      const { Successful } = await read(
        await request.forward({ ...request.input, Entries: Entries.filter((each) => each !== refused) }),
      );
      const Failed = refused ? [{ Id: refused.Id, Code: 'InternalError', SenderFault: false }] : [];
      return answer(200, { Successful, Failed });
    })(await world.receive());
    expect(failed).toHaveLength(1);
    expect(idsOf(await handedOver())).toEqual(['o-0', 'o-2']);
  });
});

test('a job without a hand-over costs what it did: one write, nothing sent, nothing confirmed', async () => {
  const { operations, fault } = counting();
  await world.send([{ order_id: 'free', amount: 0 }]);
  const { report } = await worker({ reserve }, fault)(await world.receive());
  expect(operations).toEqual(['BatchExecuteStatement']);
  expect(report.handedOver).toBe(0);
  const item = (await world.items()).get('reserve:free');
  expect(item).not.toHaveProperty('HandOver');
  expect(item).not.toHaveProperty('HandedOverAt');
});

const { sluiceKeepsTraces = true } = globalThis as { sluiceKeepsTraces?: boolean };
/** A test that follows a trace through the queues. */
const traced = (name: string, run: () => Promise<void>) =>
  sluiceKeepsTraces ? test(name, run) : test.skip(`${name}: skipped, since this cloud drops trace headers`, run);

traced('what is handed over carries the trace, without its lineage, and the tenant of a fair queue', async () => {
  await world.send(orders(1), {
    MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: `${TRACE};Lineage=1:00000001:0` } },
    MessageGroupId: 'tenant',
  });
  await worker({ reserve })(await world.receive());
  const [message] = await handedOver();
  expect(message?.Attributes).toMatchObject({ AWSTraceHeader: TRACE, MessageGroupId: 'tenant' });
});

traced('a dead letter of a step goes on at that step when it is redriven, in the same trace', async () => {
  const refusing = {
    ...reserve,
    handle: () => {
      throw new PermanentError('above the limit');
    },
  };
  await world.send(orders(1), {
    MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: TRACE } },
  });
  await worker({ reserve: refusing })(await world.receive());
  const [letter] = await world.deadLetters();
  expect(await handedOver()).toEqual([]);
  expect((await world.items()).size).toBe(0);
  // As npx sluice dlq redrive sends it, once the cause is mended.
  const { MessageBody, MessageAttributes, MessageSystemAttributes } = redrivenMessage(readLetter(letter as Message), {
    fifo: false,
  });
  await world.send([MessageBody], { MessageAttributes, MessageSystemAttributes });
  const { failed } = await worker({ reserve })(await world.receive());
  expect(failed).toEqual([]);
  const [message, ...others] = await handedOver();
  expect(others).toEqual([]);
  expect(message?.Attributes).toMatchObject({ AWSTraceHeader: TRACE });
  expect((await world.items()).get('reserve:o-0')).toMatchObject({ Status: 'done', FencingToken: 1 });
});

test.each<[string, unknown, RegExp]>([
  ['larger than a message', 'x'.repeat(1_048_576), /hands over has 1048578 bytes, and an SQS message holds 1048576/],
  ['larger than a record', 'x'.repeat(500_000), /hands over has 500002 bytes, more than a record holds/],
  ['no JSON', { id: 1n }, /what the job hands over must be JSON/],
  ['a function', () => 1, /what the job hands over must be JSON/],
])('what is handed over and %s makes the job dead before anything of it is stored', async (_what, message, why) => {
  await world.send([...orders(1), { order_id: 'neighbour', amount: 1 }]);
  const handOver = ({ order_id }: Order) => (order_id === 'o-0' ? message : { order_id }) as never;
  const { failed, report } = await worker({ reserve: { ...reserve, handOver } })(await world.receive());
  expect({ failed, dead: report.verdicts.dead, done: report.verdicts.done }).toEqual({ failed: [], dead: 1, done: 1 });
  const [letter] = await world.deadLetters();
  const reason = JSON.parse(letter?.MessageAttributes?.DeadLetterReason?.StringValue ?? '{}');
  expect(reason).toMatchObject({ errorClass: 'PermanentError', message: expect.stringMatching(why), jobId: 'o-0' });
  expect([...(await world.items()).keys()]).toEqual(['reserve:neighbour']);
  expect(idsOf(await handedOver())).toEqual(['neighbour']);
});

test('characters that SQS refuses and JSON does not escape arrive as they were', async () => {
  const odd = 'a\ufffeb\uffffc\u0000\ud800"\\';
  await world.send(orders(1));
  await worker({ reserve: { ...reserve, handOver: () => ({ odd }) } })(await world.receive());
  const [message] = await handedOver();
  expect(JSON.parse(message?.Body ?? '{}')).toEqual({ odd });
});

test('an error of the handOver itself is one of the job, like its handler’s', async () => {
  await world.send(orders(1));
  const handOver = () => {
    throw new PermanentError('there is nobody to hand over to');
  };
  await worker({ reserve: { ...reserve, handOver } })(await world.receive());
  const [letter] = await world.deadLetters();
  expect(letter?.MessageAttributes?.DeadLetterReason?.StringValue).toContain('there is nobody to hand over to');
  expect((await world.items()).size).toBe(0);
});

test('a function that has lost its next queue keeps what is still to be sent', async () => {
  await world.send(orders(1));
  const [record] = await world.receive();
  const without = world.worker({ reserve }, { environment: { defaultType: 'reserve' } });
  const { failed, report } = await without([record as SQSRecord]);
  expect(failed).toHaveLength(1);
  expect(report.verdicts).toMatchObject({ deferred: 1, dead: 0 });
  expect((await world.items()).get('reserve:o-0')).toMatchObject({ Status: 'done', HandOver: expect.anything() });
});

test('a next queue that does not answer holds nothing up: the batch answers in time, and its message comes back', async () => {
  await world.send([...orders(2), { order_id: 'free', amount: 0 }]);
  const records = await world.receive();
  let underWay = 0;
  const { failed } = await worker({ reserve }, (request) => {
    if (!isToNext(request)) return request.forward();
    underWay += 1;
    return new Promise(() => {});
  })(records, { remainingMs: 1_000 });
  expect(failed).toHaveLength(2);
  expect(underWay).toBe(1);
  await worker({ reserve })(onReceive(records, 2));
  expect(idsOf(await handedOver())).toEqual(['o-0', 'o-1']);
});

test('the same order twice in one batch is handed over once, and neither message is acknowledged before', async () => {
  await world.send([...orders(1), ...orders(1)]);
  const { failed, report } = await worker({ reserve })(await world.receive());
  expect(failed).toEqual([]);
  expect(report).toMatchObject({ verdicts: { done: 1, duplicate: 1 }, handedOver: 1, acknowledged: 2 });
  expect(idsOf(await handedOver())).toEqual(['o-0']);
});

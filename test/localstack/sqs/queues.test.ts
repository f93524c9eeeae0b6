import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { cloudWith, eventually, queueResource, type World } from '../cloud-under-test.ts';

const DLQ_ARN = 'arn:aws:sqs:us-east-1:000000000000:dlq';
const resources = {
  Queue: queueResource('work', {
    RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
  }),
  Dead: queueResource('dlq', { MaximumMessageSize: 262_144 }),
};

const send = (world: World, body: string, more: object = {}) =>
  world.sqs.send(new SendMessageCommand({ QueueUrl: world.queueUrl('work'), MessageBody: body, ...more }));

async function receive(
  world: World,
  more: Partial<ReceiveMessageCommandInput> = {},
  queue = 'work',
): Promise<Message[]> {
  const input = { QueueUrl: world.queueUrl(queue), MaxNumberOfMessages: 10, ...more };
  return (await world.sqs.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

async function counts(world: World, queue = 'work') {
  const { Attributes = {} } = await world.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: world.queueUrl(queue), AttributeNames: ['All'] }),
  );
  const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } = Attributes;
  return {
    visible: Number(visible),
    inFlight: Number(inFlight),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed),
  };
}

describe('queues', () => {
  test('a message received more often than maxReceiveCount allows moves to the DLQ and says where from', async () => {
    await using world = await cloudWith(resources);
    await send(world, 'poison', { MessageAttributes: { kept: { DataType: 'String', StringValue: 'yes' } } });
    for (const count of ['1', '2']) {
      const [message] = await receive(world, {
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ['All'],
        WaitTimeSeconds: 1,
      });
      expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: count, SentTimestamp: expect.any(String) });
    }
    expect(await receive(world, { WaitTimeSeconds: 0 })).toEqual([]);
    const [dead] = await receive(
      world,
      { MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'], WaitTimeSeconds: 1 },
      'dlq',
    );
    expect(dead).toMatchObject({ Body: 'poison', MessageAttributes: { kept: { StringValue: 'yes' } } });
    // Two receives here and this one: the look that moved it was none.
    expect(dead?.Attributes?.ApproximateReceiveCount).toBe('3');
    expect(dead?.Attributes?.DeadLetterQueueSourceArn).toBe('arn:aws:sqs:us-east-1:000000000000:work');
    expect(await counts(world)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('attributes come only when asked for', async () => {
    await using world = await cloudWith(resources);
    await send(world, 'x', { MessageAttributes: { a: { DataType: 'String', StringValue: '1' } } });
    const [bare] = await receive(world, { VisibilityTimeout: 0 });
    expect(bare?.Attributes).toBeUndefined();
    expect(bare?.MessageAttributes).toBeUndefined();
    const [full] = await receive(world, {
      MessageAttributeNames: ['a'],
      MessageSystemAttributeNames: ['SentTimestamp'],
      WaitTimeSeconds: 1,
    });
    expect(full?.MessageAttributes).toEqual({ a: { DataType: 'String', StringValue: '1' } });
    expect(Object.keys(full?.Attributes ?? {})).toEqual(['SentTimestamp']);
  });

  test('MessageGroupId on a standard queue is kept, in single and batch sends, and so is the trace header', async () => {
    await using world = await cloudWith(resources);
    const trace = { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-2-3' } };
    await send(world, 'one', { MessageGroupId: 'tenant-1', MessageSystemAttributes: trace });
    const Entries = [
      { Id: 'a', MessageBody: 'two', MessageGroupId: 'tenant-2' },
      { Id: 'b', MessageBody: 'three' },
      { Id: 'c', MessageBody: 'four', MessageGroupId: 'tenant-4', DelaySeconds: 1 },
    ];
    await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries }));
    const found = new Map<string | undefined, Record<string, string> | undefined>();
    await eventually(async () => {
      for (const message of await receive(world, { MessageSystemAttributeNames: ['All'] }))
        found.set(message.Body, message.Attributes);
      expect(found.size).toBe(4);
    });
    expect(found.get('one')).toMatchObject({ MessageGroupId: 'tenant-1', AWSTraceHeader: 'Root=1-2-3' });
    expect(found.get('two')).toMatchObject({ MessageGroupId: 'tenant-2' });
    expect(found.get('three')).not.toHaveProperty('MessageGroupId');
    expect(found.get('four')).toMatchObject({ MessageGroupId: 'tenant-4' });
  });

  test('a long poll returns as soon as a message comes, and outlives a faster receiver', async () => {
    await using world = await cloudWith(resources);
    const polls = [receive(world, { WaitTimeSeconds: 10 }), receive(world, { WaitTimeSeconds: 10 })];
    await new Promise((resolve) => setTimeout(resolve, 100));
    await send(world, 'first');
    const started = Date.now();
    expect(await Promise.race(polls)).toMatchObject([{ Body: 'first' }]);
    await send(world, 'second');
    const bodies = (await Promise.all(polls)).flat().map((message) => message.Body);
    expect(bodies.sort()).toEqual(['first', 'second']);
    expect(Date.now() - started).toBeLessThan(8_000);
  });

  test('a client that has gone takes no message with it', async () => {
    await using world = await cloudWith(resources);
    const gone = new AbortController();
    const input = { QueueUrl: world.queueUrl('work'), WaitTimeSeconds: 20 };
    const poll = world.sqs.send(new ReceiveMessageCommand(input), { abortSignal: gone.signal });
    await new Promise((resolve) => setTimeout(resolve, 100));
    gone.abort();
    await expect(poll).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send(world, 'still here');
    expect(await counts(world)).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
    expect(await receive(world)).toMatchObject([{ Body: 'still here' }]);
  });

  test('visibility: 0 returns a message at once, a batch changes each alone, a timeout returns it by itself', async () => {
    await using world = await cloudWith(resources);
    const QueueUrl = world.queueUrl('work');
    for (const body of ['a', 'b']) await send(world, body);
    const [first, second] = await receive(world, { VisibilityTimeout: 30 });
    const ReceiptHandle = first?.ReceiptHandle ?? '';
    await world.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
    expect(await receive(world, { VisibilityTimeout: 1 })).toMatchObject([{ Body: first?.Body }]);
    const { Successful, Failed } = await world.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', ReceiptHandle: second?.ReceiptHandle ?? '', VisibilityTimeout: 20 },
          { Id: 'unknown', ReceiptHandle: 'no-such-handle', VisibilityTimeout: 20 },
          { Id: 'too-long', ReceiptHandle: second?.ReceiptHandle ?? '', VisibilityTimeout: 43_201 },
        ],
      }),
    );
    expect(Successful?.map((entry) => entry.Id)).toEqual(['good']);
    expect(Failed?.map((entry) => [entry.Id, entry.Code])).toEqual([
      ['unknown', 'ReceiptHandleIsInvalid'],
      ['too-long', 'InvalidParameterValue'],
    ]);
    await eventually(async () => expect(await counts(world)).toEqual({ visible: 1, inFlight: 1, delayed: 0 }));
  });

  test('a delayed message counts as delayed, then comes', async () => {
    await using world = await cloudWith(resources);
    await send(world, 'later', { DelaySeconds: 1 });
    expect(await counts(world)).toEqual({ visible: 0, inFlight: 0, delayed: 1 });
    expect(await receive(world)).toEqual([]);
    expect(await receive(world, { WaitTimeSeconds: 5 })).toMatchObject([{ Body: 'later' }]);
  });

  test('deletes in batches remove exactly their messages', async () => {
    await using world = await cloudWith(resources);
    const QueueUrl = world.queueUrl('work');
    for (const body of ['a', 'b', 'c']) await send(world, body);
    const messages = await receive(world);
    const doomed = messages.filter((message) => message.Body !== 'b');
    const Entries = doomed.map((message, index) => ({ Id: `${index}`, ReceiptHandle: message.ReceiptHandle ?? '' }));
    await world.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    await world.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: doomed[0]?.ReceiptHandle ?? '' }));
    expect(await counts(world)).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    await world.sqs.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await counts(world)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('sizes: 1 MiB passes, one byte more fails, a batch is limited as a whole', async () => {
    await using world = await cloudWith(resources);
    await send(world, 'x'.repeat(1_048_576));
    await expect(send(world, 'x'.repeat(1_048_577))).rejects.toThrow('1048576 bytes');
    const entry = (Id: string, size: number) => ({ Id, MessageBody: 'x'.repeat(size) });
    const batch = (...Entries: { Id: string; MessageBody: string }[]) =>
      world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries }));
    await expect(batch(entry('a', 600_000), entry('b', 600_000))).rejects.toMatchObject({
      name: 'BatchRequestTooLong',
    });
    expect((await batch(entry('a', 500_000), entry('b', 500_000))).Successful).toHaveLength(2);
    const input = { QueueUrl: world.queueUrl('dlq'), MessageBody: 'x'.repeat(262_145) };
    await expect(world.sqs.send(new SendMessageCommand(input))).rejects.toThrow('262144 bytes');
  });

  test('an entry that SQS would refuse fails alone', async () => {
    await using world = await cloudWith(resources);
    const many = Object.fromEntries(
      Array.from({ length: 11 }, (_, index) => [`a${index}`, { DataType: 'String', StringValue: 'x' }]),
    );
    const Entries = [
      { Id: 'good', MessageBody: 'good' },
      { Id: 'empty', MessageBody: '' },
      { Id: 'emoji', MessageBody: '😀' },
      { Id: 'control', MessageBody: '\u0000' },
      { Id: 'attributes', MessageBody: 'x', MessageAttributes: many },
      { Id: 'delay', MessageBody: 'x', DelaySeconds: 901 },
    ];
    const answer = await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries }));
    expect(answer.Successful?.map((entry) => entry.Id)).toEqual(['good', 'emoji']);
    expect(answer.Failed?.map((entry) => entry.Id).sort()).toEqual(['attributes', 'control', 'delay', 'empty']);
    expect(await receive(world)).toMatchObject([{ Body: 'good' }, { Body: '😀' }]);
  });

  test.each([
    ['no entries', []],
    ['11 entries', Array.from({ length: 11 }, (_, index) => ({ Id: `${index}`, MessageBody: 'x' }))],
    [
      'an id twice',
      [
        { Id: 'a', MessageBody: 'x' },
        { Id: 'a', MessageBody: 'y' },
      ],
    ],
  ])('a batch with %s fails as a whole', async (_, Entries) => {
    await using world = await cloudWith(resources);
    await expect(
      world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries })),
    ).rejects.toThrow();
    expect(await counts(world)).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  test('queue URLs name the endpoint that was called, whatever region the client is set to', async () => {
    await using world = await cloudWith(resources);
    const abroad = new SQSClient({
      endpoint: world.cloud.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    const { QueueUrl } = await abroad.send(new GetQueueUrlCommand({ QueueName: 'work' }));
    expect(QueueUrl).toBe(world.queueUrl('work'));
    const created = await world.sqs.send(new CreateQueueCommand({ QueueName: 'by-hand' }));
    expect(created.QueueUrl).toBe(world.queueUrl('by-hand'));
    await abroad.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    expect(await receive(world)).toHaveLength(1);
    abroad.destroy();
  });

  test('an unknown queue and an action that is not emulated are clear errors', async () => {
    await using world = await cloudWith(resources);
    const nowhere = { QueueUrl: world.queueUrl('nope'), MessageBody: 'x' };
    await expect(world.sqs.send(new SendMessageCommand(nowhere))).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await expect(world.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: DLQ_ARN }))).rejects.toThrow(
      "SQS's StartMessageMoveTask is not emulated here",
    );
  });
});

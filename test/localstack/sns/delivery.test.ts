import {
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { cloudWith, functionResource, queueResource } from '../cloud-under-test.ts';
import { arnOf, subscriptionOf, TOPIC, topicWith } from './world.ts';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`attribute-${i}`, text(String(i))]));
const dead = { RedrivePolicy: { deadLetterTargetArn: arnOf('Dead') } };

test('raw delivery passes the body on as it is, and up to ten attributes of every type', async () => {
  await using world = await topicWith();
  const attributes = {
    ...many(8),
    count: { DataType: 'Number', StringValue: '1.5' },
    bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255) },
  };
  await world.publish('{"order_id": "ä"} ', { Subject: 'ignored', MessageAttributes: attributes });
  const [message] = await world.onQueue('a');
  expect(message?.Body).toBe('{"order_id": "ä"} ');
  expect(message?.MessageAttributes).toEqual(attributes);
});

test('without raw delivery there is an envelope, and no attributes', async () => {
  await using world = await topicWith({ RawMessageDelivery: false });
  await world.publish('hello', { Subject: 'greeting', MessageAttributes: { kind: text('x') } });
  const [message] = await world.onQueue('a');
  expect(message?.MessageAttributes).toBeUndefined();
  expect(JSON.parse(message?.Body ?? '')).toEqual({
    Type: 'Notification',
    MessageId: expect.any(String),
    TopicArn: TOPIC,
    Subject: 'greeting',
    Message: 'hello',
    Timestamp: expect.stringMatching(/Z$/),
    SignatureVersion: '1',
    Signature: expect.any(String),
    SigningCertURL: expect.stringContaining('https://sns.us-east-1.amazonaws.com/'),
    UnsubscribeURL: expect.stringContaining('Action=Unsubscribe'),
    MessageAttributes: { kind: { Type: 'String', Value: 'x' } },
  });
});

test('a filter keeps messages from its own queue and from no other', async () => {
  const filtered = { FilterPolicyScope: 'MessageBody', FilterPolicy: { amount: [{ numeric: ['>=', 100] }] } };
  await using world = await topicWith(filtered, { B: queueResource('b'), ToB: subscriptionOf('B') });
  for (const amount of [99, 100, 101]) await world.publish(JSON.stringify({ amount }));
  const bodies = async (name: string) => (await world.onQueue(name)).map(({ Body }) => Body).sort();
  expect(await bodies('a')).toEqual(['{"amount":100}', '{"amount":101}']);
  expect(await bodies('b')).toEqual(['{"amount":100}', '{"amount":101}', '{"amount":99}']);
});

test('what a queue refuses goes to the subscription’s DLQ with the reason, and the other queues have it', async () => {
  await using world = await topicWith(dead, {
    Dead: queueResource('dead'),
    B: queueResource('b'),
    ToB: subscriptionOf('B', { RawMessageDelivery: false }),
  });
  await world.publish('eleven', { MessageAttributes: many(11) });
  expect(await world.onQueue('a')).toEqual([]);
  const [letter] = await world.onQueue('dead');
  expect(letter?.Body).toBe('eleven');
  expect(letter?.MessageAttributes).toMatchObject({
    RequestID: text(expect.any(String) as never),
    ErrorCode: text('InvalidParameterValue'),
    ErrorMessage: text(expect.stringContaining('[11] exceeds the allowed maximum [10]') as never),
  });
  const [envelope] = await world.onQueue('b');
  expect(JSON.parse(envelope?.Body ?? '').MessageAttributes).toHaveProperty('attribute-10');
});

test('a queue that is gone or takes smaller messages only is no trouble for publishers, and it is logged', async () => {
  await using world = await topicWith(dead, {
    Dead: queueResource('dead'),
    Small: queueResource('small', { MaximumMessageSize: 1024 }),
    ToSmall: subscriptionOf('Small'),
  });
  const Attributes = { RawMessageDelivery: 'true' };
  const gone = { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:gone', Attributes };
  await world.sns.send(new SubscribeCommand(gone));
  await world.publish('x'.repeat(2000));
  expect(await world.onQueue('a')).toHaveLength(1);
  expect(await world.onQueue('small')).toEqual([]);
  expect(await world.onQueue('dead')).toEqual([]);
  const lost = world.logs.filter((line) => line.includes('which is lost'));
  expect(lost).toHaveLength(2);
  expect(lost.join()).toMatch(/:small did not get .* shorter than 1024 bytes.*:gone did not get .*does not exist/s);
});

test('a batch takes and refuses each entry for itself', async () => {
  await using world = await topicWith();
  const entry = (Id: string, rest: object = {}) => ({ Id, Message: `body ${Id}`, ...rest });
  const PublishBatchRequestEntries = [
    entry('a', { MessageAttributes: { kind: text('x') } }),
    entry('empty', { Message: '' }),
    entry('bad', { MessageAttributes: { kind: { DataType: 'Number', StringValue: 'x' } } }),
    entry('c'),
  ];
  const { Successful, Failed } = await world.sns.send(
    new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries }),
  );
  expect(Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
  expect(Failed).toMatchObject([
    { Id: 'empty', Code: 'InvalidParameter', SenderFault: true },
    { Id: 'bad', Code: 'InvalidParameter' },
  ]);
  const messages = await world.onQueue('a');
  expect(messages.map(({ Body }) => Body).sort()).toEqual(['body a', 'body c']);
  expect(messages.find(({ Body }) => Body === 'body a')?.MessageAttributes).toEqual({ kind: text('x') });
});

test.each<[string, object[], string]>([
  ['without entries', [], 'EmptyBatchRequest'],
  ['of eleven', Array.from({ length: 11 }, (_, i) => ({ Id: `${i}`, Message: 'x' })), 'TooManyEntriesInBatchRequest'],
  [
    'with an id twice',
    [
      { Id: 'a', Message: 'x' },
      { Id: 'a', Message: 'y' },
    ],
    'BatchEntryIdsNotDistinct',
  ],
  ['with an id of other signs', [{ Id: 'a b', Message: 'x' }], 'InvalidBatchEntryId'],
  [
    'of more than 256 KiB together',
    [1, 2].map((i) => ({ Id: `${i}`, Message: 'x'.repeat(131_073) })),
    'BatchRequestTooLong',
  ],
])('a batch %s is refused whole', async (_, entries, code) => {
  await using world = await topicWith();
  const request = new PublishBatchCommand({ TopicArn: TOPIC, PublishBatchRequestEntries: entries as never });
  // The SDK names some exceptions with a suffix.
  await expect(world.sns.send(request)).rejects.toMatchObject({ name: expect.stringContaining(code) });
  expect(await world.onQueue('a')).toEqual([]);
});

test.each<[string, object, RegExp]>([
  ['an empty message', { Message: '' }, /Empty message/],
  ['a message of more than 256 KiB', { Message: 'x'.repeat(262_145) }, /Message too long/],
  [
    'an attribute without a value',
    { MessageAttributes: { kind: { DataType: 'String', StringValue: '' } } },
    /non-empty/,
  ],
  ['a deduplication id on a standard topic', { MessageDeduplicationId: 'a' }, /not valid for this topic type/],
  [
    'a body for each protocol without a default',
    { Message: '{"sqs":"x"}', MessageStructure: 'json' },
    /No default entry/,
  ],
])('%s is refused, and no queue has it', async (_, input, message) => {
  await using world = await topicWith();
  await expect(world.publish('x', input)).rejects.toMatchObject({
    name: expect.stringMatching(/^InvalidParameter/),
    message: expect.stringMatching(message),
  });
  expect(await world.onQueue('a')).toEqual([]);
});

test('a topic that is not there is NotFound', async () => {
  await using world = await topicWith();
  const request = new PublishCommand({ TopicArn: `${TOPIC}-not`, Message: 'x' });
  await expect(world.sns.send(request)).rejects.toMatchObject({ name: 'NotFoundException' });
});

test('queues get the body that is theirs, or the default', async () => {
  await using world = await topicWith();
  await world.publish('{"default": "d", "sqs": "s", "email": "e"}', { MessageStructure: 'json' });
  await world.publish('{"default": "d"}', { MessageStructure: 'json' });
  expect((await world.onQueue('a')).map(({ Body }) => Body)).toEqual(['s', 'd']);
});

test('a standard topic passes the group on, which is the tenant of a fair queue', async () => {
  await using world = await topicWith();
  await world.publish('x', { MessageGroupId: 'tenant-1' });
  expect((await world.onQueue('a'))[0]?.Attributes).toMatchObject({ MessageGroupId: 'tenant-1' });
});

test('a FIFO topic keeps the order of each group, and takes a message once', async () => {
  const fifo = { FifoTopic: true, TopicName: 'orders.fifo', ContentBasedDeduplication: true };
  await using world = await topicWith(
    {},
    {
      Topic: { Type: 'AWS::SNS::Topic', Properties: fifo },
      A: queueResource('a'),
      F: queueResource('f.fifo', { FifoQueue: true }),
      ToF: subscriptionOf('F'),
    },
  );
  const publish = (Message: string, MessageGroupId?: string) =>
    world.sns.send(
      new PublishCommand({ TopicArn: `${TOPIC}.fifo`, Message, ...(MessageGroupId && { MessageGroupId }) }),
    );
  for (const [body, group] of ['1x', '2y', '3x', '1x', '4x'].map((each) => [each, each.slice(1)] as const)) {
    await publish(body, group);
  }
  await expect(publish('5')).rejects.toThrow('MessageGroupId parameter is required');
  const ordered = await world.onQueue('f.fifo');
  expect(ordered.filter(({ Attributes }) => Attributes?.MessageGroupId === 'x').map(({ Body }) => Body)).toEqual([
    '1x',
    '3x',
    '4x',
  ]);
  expect(ordered).toHaveLength(4);
  // Standard queues have no groups and no deduplication.
  expect((await world.onQueue('a')).every(({ Attributes }) => Attributes?.MessageGroupId === undefined)).toBe(true);
});

test.each<[string, object, RegExp]>([
  ['a filter policy that is no JSON', { FilterPolicy: '{' }, /failed to parse JSON/],
  ['an unknown scope', { FilterPolicyScope: 'Body' }, /use either MessageBody or MessageAttributes/],
  ['raw delivery that is neither true nor false', { RawMessageDelivery: 'yes' }, /RawMessageDelivery/],
  ['a DLQ that is no queue', { RedrivePolicy: '{"deadLetterTargetArn":"x"}' }, /deadLetterTargetArn/],
])('%s is refused, of a request and of a template', async (_, Attributes, message) => {
  await using world = await topicWith({}, { B: queueResource('b') });
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:b';
  const subscribe = new SubscribeCommand({
    TopicArn: TOPIC,
    Protocol: 'sqs',
    Endpoint,
    Attributes: Attributes as never,
  });
  await expect(world.sns.send(subscribe)).rejects.toThrow(message);
  await expect(topicWith(Attributes)).rejects.toThrow(message);
});

test('a FIFO queue cannot subscribe to a standard topic', async () => {
  const more = { F: queueResource('f.fifo', { FifoQueue: true }), ToF: subscriptionOf('F') };
  await expect(topicWith({}, more)).rejects.toThrow('FIFO SQS Queues can not be subscribed to standard SNS topics');
});

test('a filter can be changed, and not to one that SNS refuses', async () => {
  await using world = await topicWith();
  const [{ ref: SubscriptionArn } = { ref: '' }] = world.cloud.stack.resources.filter(({ id }) => id === 'ToA');
  const set = (AttributeName: string, AttributeValue: string) =>
    world.sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
  await set('FilterPolicyScope', 'MessageBody');
  await set('FilterPolicy', '{"kind":["x"]}');
  await expect(set('FilterPolicy', '{"kind":[]}')).rejects.toThrow('Empty arrays');
  for (const kind of ['x', 'y']) await world.publish(JSON.stringify({ kind }));
  expect((await world.onQueue('a')).map(({ Body }) => Body)).toEqual(['{"kind":"x"}']);
});

/** Publishes each record again, with the trace of its own invocation, as the SDK would from Lambda. */
const AGAIN = `
const http = require('node:http');
exports.handler = async ({ Records }) => {
  for (const { body, attributes } of Records) {
    console.log('round', attributes.AWSTraceHeader);
    const form = new URLSearchParams({ Action: 'Publish', TopicArn: process.env.TOPIC, Message: body });
    await new Promise((resolve, reject) => {
      const request = http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID,
      } }, (response) => response.resume().on('end', resolve)).on('error', reject);
      request.end(form.toString());
    });
  }
};`;

test('a trace passes through the topic, so a function that publishes to itself is a loop that Lambda ends', async () => {
  await using world = await cloudWith(
    {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'orders' } },
      A: queueResource('a', { VisibilityTimeout: 5 }),
      ToA: subscriptionOf('A'),
      Worker: functionResource('worker', { Environment: { Variables: { TOPIC: { Ref: 'Topic' } } } }),
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { EventSourceArn: arnOf('A'), FunctionName: { Ref: 'Worker' }, BatchSize: 1 },
      },
    },
    { code: AGAIN },
  );
  const form = new URLSearchParams({ Action: 'Publish', TopicArn: TOPIC, Message: 'loop' });
  await fetch(world.cloud.endpoint, { method: 'POST', body: form });
  const stats = () => world.cloud.functions.get('worker')?.stats();
  while (stats()?.recursiveInvocationsDropped !== 1) await new Promise((wake) => setTimeout(wake, 25));
  expect(world.logs.filter((line) => line.startsWith('worker: round Root=')).length).toBe(15);
});

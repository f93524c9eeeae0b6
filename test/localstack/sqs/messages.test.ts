import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { cloudWith, queueResource, type World } from '../cloud-under-test.ts';

let world: World;
beforeAll(async () => {
  world = await cloudWith({
    Work: queueResource('work'),
    Ordered: queueResource('ordered.fifo', { FifoQueue: true }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const send = (more: object, queue = 'work') =>
  world.sqs.send(new SendMessageCommand({ QueueUrl: world.queueUrl(queue), MessageBody: 'x', ...more }));

const text = (StringValue: string, DataType = 'String') => ({ DataType, StringValue });
const attribute = (value: unknown, name = 'a') => ({ MessageAttributes: { [name]: value } });

describe('message attributes', () => {
  test.each([
    ['an empty value', attribute(text(''))],
    ['no value', attribute({ DataType: 'String' })],
    ['a control character', attribute(text('a\u0001b'))],
    ['no type', attribute({ StringValue: 'x' })],
    ['an unknown type', attribute(text('x', 'Text'))],
    ['a type without its label', attribute(text('x', 'String.'))],
    ['a number that is none', attribute(text('five', 'Number'))],
    ['text where bytes belong', attribute(text('x', 'Binary'))],
    ['empty bytes', attribute({ DataType: 'Binary', BinaryValue: new Uint8Array() })],
    ['a name of AWS', attribute(text('x'), 'AWS.trace')],
    ['a name of Amazon', attribute(text('x'), 'amazon.trace')],
    ['a name that starts with a period', attribute(text('x'), '.a')],
    ['a name that ends with a period', attribute(text('x'), 'a.')],
    ['a name with two periods in a row', attribute(text('x'), 'a..b')],
    ['a name with a space', attribute(text('x'), 'a b')],
    ['a name of 257 characters', attribute(text('x'), 'a'.repeat(257))],
  ])('%s is refused, and fails its entry of a batch alone', async (_, more) => {
    await expect(send(more)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    const Entries = [
      { Id: 'bad', MessageBody: 'x', ...(more as object) },
      { Id: 'good', MessageBody: 'x' },
    ];
    const answer = await world.sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries }));
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(answer.Failed).toMatchObject([{ Id: 'bad', Code: 'InvalidParameterValue', SenderFault: true }]);
  });

  test.each([
    ['labels and periods inside a name', attribute(text('x', 'String.my-label'), 'a.b-c_d')],
    ['a long name', attribute(text('x'), 'a'.repeat(256))],
    ['numbers', attribute(text('-1.5e3', 'Number.float'))],
    ['bytes', attribute({ DataType: 'Binary.gzip', BinaryValue: new Uint8Array([0, 1]) })],
    ['emoji', attribute(text('😀'))],
  ])('%s are taken', async (_, more) => {
    expect((await send(more)).MessageId).toBeDefined();
  });

  test.each([['All'], ['.*'], ['*'], ['fo.*'], ['foo']])('a receive that names %s gets foo', async (name) => {
    await using other = await cloudWith({ Work: queueResource('work') });
    const QueueUrl = other.queueUrl('work');
    const MessageAttributes = { foo: text('1'), bar: text('2') };
    await other.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x', MessageAttributes }));
    const command = new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: [name] });
    const names = Object.keys((await other.sqs.send(command)).Messages?.[0]?.MessageAttributes ?? {}).sort();
    expect(names).toEqual(name.startsWith('fo') ? ['foo'] : ['bar', 'foo']);
  });
});

describe('group and deduplication ids', () => {
  const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  test.each(['', 'a b', 'x'.repeat(129), 'é', 'a\tb'])('%j is refused', async (id) => {
    const refused = { name: 'InvalidParameterValue' };
    await expect(send({ ...ids, MessageGroupId: id }, 'ordered.fifo')).rejects.toMatchObject(refused);
    await expect(send({ ...ids, MessageDeduplicationId: id }, 'ordered.fifo')).rejects.toMatchObject(refused);
    await expect(send({ MessageGroupId: id })).rejects.toMatchObject(refused);
  });

  test.each([['x'.repeat(128)], ['!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'], ['aZ9']])('%j is taken', async (id) => {
    await send({ MessageGroupId: id, MessageDeduplicationId: id }, 'ordered.fifo');
    await send({ MessageGroupId: id });
  });

  test('a deduplication id has no place on a standard queue, nor a delay in a message of a FIFO queue', async () => {
    await expect(send({ MessageDeduplicationId: 'd' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(send({ ...ids, DelaySeconds: 1 }, 'ordered.fifo')).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });
});

test.each([
  ['an invalid character', { MessageBody: '\u0000' }, 'InvalidMessageContents'],
  ['no body', { MessageBody: '' }, 'MissingParameter'],
  ['a delay of 901 seconds', { DelaySeconds: 901 }, 'InvalidParameterValue'],
  ['a queue that is not there', { QueueUrl: 'http://localhost/000000000000/nowhere' }, 'QueueDoesNotExist'],
])('%s has the name that the SDK gives it', async (_, more, name) => {
  const refusal = await send(more).catch((error) => error);
  expect(refusal.name).toBe(name);
});

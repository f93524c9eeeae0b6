import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { cloudWith, queueResource, type World } from '../cloud-under-test.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';
const policy = (deadLetterTargetArn: string, maxReceiveCount: unknown = 3) =>
  JSON.stringify({ deadLetterTargetArn, maxReceiveCount });

let world: World;
beforeAll(async () => {
  world = await cloudWith({
    Dead: queueResource('dead'),
    Work: queueResource('work'),
    Ordered: queueResource('ordered.fifo', { FifoQueue: true }),
  });
});
afterAll(() => world[Symbol.asyncDispose]());

const create = (QueueName: string, Attributes: Record<string, string> = {}) =>
  world.sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
const set = (name: string, Attributes: Record<string, string>) =>
  world.sqs.send(new SetQueueAttributesCommand({ QueueUrl: world.queueUrl(name), Attributes }));
const attributesOf = async (name: string) => {
  const input = { QueueUrl: world.queueUrl(name), AttributeNames: ['All' as const] };
  return (await world.sqs.send(new GetQueueAttributesCommand(input))).Attributes;
};

describe('CreateQueue refuses', () => {
  test.each([
    ['a name in .fifo without FifoQueue', 'x.fifo', {}, 'InvalidParameterValue'],
    ['a FIFO queue whose name does not end so', 'x', { FifoQueue: 'true' }, 'InvalidParameterValue'],
    ['FifoQueue false', 'x', { FifoQueue: 'false' }, 'InvalidAttributeName'],
    ['a space in the name', 'a b', {}, 'InvalidParameterValue'],
    ['a name of 81 characters', 'x'.repeat(81), {}, 'InvalidParameterValue'],
    ['an unknown attribute', 'x', { Colour: 'red' }, 'InvalidAttributeName'],
    ['an attribute of FIFO queues', 'x', { DeduplicationScope: 'queue' }, 'InvalidAttributeName'],
    ['a flag that is none', 'x.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'yes' }, 'InvalidAttributeValue'],
    ['a scope that is none', 'x.fifo', { FifoQueue: 'true', DeduplicationScope: 'all' }, 'InvalidAttributeValue'],
    ['a number out of range', 'x', { VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
    ['a number that is none', 'x', { DelaySeconds: '' }, 'InvalidAttributeValue'],
    ['a DLQ that is not there', 'x', { RedrivePolicy: policy(`${ARN}:nowhere`) }, 'InvalidParameterValue'],
    ['a DLQ of the other kind', 'x', { RedrivePolicy: policy(`${ARN}:ordered.fifo`) }, 'InvalidParameterValue'],
    ['no receives at all', 'x', { RedrivePolicy: policy(`${ARN}:dead`, 0) }, 'InvalidParameterValue'],
    ['1,001 receives', 'x', { RedrivePolicy: policy(`${ARN}:dead`, 1001) }, 'InvalidParameterValue'],
    ['a redrive policy that is no JSON', 'x', { RedrivePolicy: 'dead' }, 'InvalidParameterValue'],
  ])('%s', async (_, name, attributes, error) => {
    await expect(create(name, attributes as Record<string, string>)).rejects.toMatchObject({ name: error });
  });

  test('the same name with other attributes', async () => {
    await create('twice', { DelaySeconds: '1' });
    await create('twice', { DelaySeconds: '1' });
    await expect(create('twice', { DelaySeconds: '2' })).rejects.toMatchObject({ name: 'QueueNameExists' });
  });
});

describe('SetQueueAttributes', () => {
  test('refuses what CreateQueue refuses, and then changes nothing', async () => {
    const before = await attributesOf('work');
    for (const [attributes, name] of [
      [{ DelaySeconds: '5', Colour: 'red' }, 'InvalidAttributeName'],
      [{ DelaySeconds: '5', FifoQueue: 'true' }, 'InvalidAttributeName'],
      [{ DelaySeconds: '5', RedrivePolicy: policy(`${ARN}:nowhere`) }, 'InvalidParameterValue'],
    ] as const) {
      await expect(set('work', attributes)).rejects.toMatchObject({ name });
    }
    expect(await attributesOf('work')).toEqual(before);
  });

  test('gives a queue a DLQ and takes it away, and changes how a FIFO queue deduplicates', async () => {
    await set('work', { RedrivePolicy: policy(`${ARN}:dead`, '3') });
    expect(await attributesOf('work')).toMatchObject({ RedrivePolicy: policy(`${ARN}:dead`, '3') });
    await set('work', { RedrivePolicy: '' });
    expect(await attributesOf('work')).not.toHaveProperty('RedrivePolicy');
    await set('ordered.fifo', { DeduplicationScope: 'messageGroup', ContentBasedDeduplication: 'True' });
    expect(await attributesOf('ordered.fifo')).toMatchObject({
      DeduplicationScope: 'messageGroup',
      ContentBasedDeduplication: 'true',
    });
  });
});

import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { cloudWith, eventually, queueResource, type World } from '../cloud-under-test.ts';

const resources = {
  Work: queueResource('work'),
  Other: queueResource('other'),
  Ordered: queueResource('ordered.fifo', { FifoQueue: true, ContentBasedDeduplication: true }),
};

async function sendOne(world: World, queue: string) {
  const MessageGroupId = queue.endsWith('.fifo') ? 'g' : undefined;
  await world.sqs.send(new SendMessageCommand({ QueueUrl: world.queueUrl(queue), MessageBody: 'x', MessageGroupId }));
}

/** The next receipt handle; waits for the message where it is not visible yet. */
async function receive(world: World, queue: string, VisibilityTimeout: number): Promise<string> {
  const input = { QueueUrl: world.queueUrl(queue), VisibilityTimeout, WaitTimeSeconds: 10 };
  const { Messages = [] } = await world.sqs.send(new ReceiveMessageCommand(input));
  expect(Messages).toHaveLength(1);
  return Messages[0]?.ReceiptHandle ?? '';
}

const remove = (world: World, queue: string, ReceiptHandle: string) =>
  world.sqs.send(new DeleteMessageCommand({ QueueUrl: world.queueUrl(queue), ReceiptHandle }));

const change = (world: World, queue: string, ReceiptHandle: string, VisibilityTimeout: number) =>
  world.sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl: world.queueUrl(queue), ReceiptHandle, VisibilityTimeout }),
  );

async function depth(world: World, queue: string) {
  const QueueUrl = world.queueUrl(queue);
  const { Attributes } = await world.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible].map(Number);
}

describe('receipt handles', () => {
  test('garbage and the handles of another queue are ReceiptHandleIsInvalid, alone and in a batch', async () => {
    await using world = await cloudWith(resources);
    await sendOne(world, 'other');
    const foreign = await receive(world, 'other', 30);
    for (const handle of ['garbage', foreign]) {
      await expect(remove(world, 'work', handle)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
      await expect(change(world, 'work', handle, 5)).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
      const Entries = [{ Id: 'a', ReceiptHandle: handle }];
      const batch = new DeleteMessageBatchCommand({ QueueUrl: world.queueUrl('work'), Entries });
      expect((await world.sqs.send(batch)).Failed).toMatchObject([{ Id: 'a', Code: 'ReceiptHandleIsInvalid' }]);
    }
    expect(await depth(world, 'other')).toEqual([0, 1]);
  });

  test('an older handle deletes a message that was received again', async () => {
    await using world = await cloudWith(resources);
    await sendOne(world, 'work');
    const older = await receive(world, 'work', 0);
    expect(await receive(world, 'work', 30)).not.toBe(older);
    await remove(world, 'work', older);
    expect(await depth(world, 'work')).toEqual([0, 0]);
    await remove(world, 'work', older);
  });

  test('a message that is visible again can be deleted, and its visibility not be changed', async () => {
    await using world = await cloudWith(resources);
    await sendOne(world, 'work');
    const handle = await receive(world, 'work', 1);
    await eventually(async () => expect(await depth(world, 'work')).toEqual([1, 0]));
    await expect(change(world, 'work', handle, 5)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    await remove(world, 'work', handle);
    expect(await depth(world, 'work')).toEqual([0, 0]);
    await expect(change(world, 'work', handle, 5)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('on a FIFO queue a handle ends with the visibility timeout', async () => {
    await using world = await cloudWith(resources);
    await sendOne(world, 'ordered.fifo');
    const older = await receive(world, 'ordered.fifo', 0);
    const newer = await receive(world, 'ordered.fifo', 30);
    for (const attempt of [remove(world, 'ordered.fifo', older), change(world, 'ordered.fifo', older, 0)]) {
      await expect(attempt).rejects.toMatchObject({
        name: 'InvalidParameterValue',
        message: expect.stringContaining('The receipt handle has expired'),
      });
    }
    expect(await depth(world, 'ordered.fifo')).toEqual([0, 1]);
    await remove(world, 'ordered.fifo', newer);
    await remove(world, 'ordered.fifo', newer);
    expect(await depth(world, 'ordered.fifo')).toEqual([0, 0]);
  });
});

import { cloudWith, queueResource, type World } from '../cloud-under-test.ts';

const resources = { Queue: queueResource('work'), Other: queueResource('other') };

/** Posts a form as the AWS CLI before 2.15 does. */
async function post(world: World, fields: Record<string, string>, path = '/') {
  const body = new URLSearchParams({ Version: '2012-11-05', ...fields });
  const response = await fetch(`${world.cloud.endpoint}${path}`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
}

const one = (text: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];

describe('the query protocol of SQS', () => {
  test('sends, receives with attributes, and deletes', async () => {
    await using world = await cloudWith(resources);
    const QueueUrl = world.queueUrl('work');
    const sent = await post(world, {
      Action: 'SendMessage',
      QueueUrl,
      MessageBody: '{"a":"<&\'>\r\n"}',
      'MessageAttribute.1.Name': 'n',
      'MessageAttribute.1.Value.DataType': 'Number',
      'MessageAttribute.1.Value.StringValue': '5',
    });
    expect(sent.status).toBe(200);
    expect(one(sent.text, 'MessageId')).toMatch(/^[0-9a-f-]{36}$/);
    const received = await post(world, {
      Action: 'ReceiveMessage',
      QueueUrl,
      MaxNumberOfMessages: '10',
      'AttributeName.1': 'All',
      'MessageAttributeName.1': 'All',
    });
    expect(received.text).toContain('<Body>{&#34;a&#34;:&#34;&#60;&#38;&#39;&#62;&#13;\n&#34;}</Body>');
    expect(received.text).toContain('<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>');
    expect(received.text).toContain(
      '<MessageAttribute><Name>n</Name><Value><DataType>Number</DataType><StringValue>5</StringValue></Value>',
    );
    const ReceiptHandle = one(received.text, 'ReceiptHandle') ?? '';
    expect((await post(world, { Action: 'DeleteMessage', QueueUrl, ReceiptHandle })).status).toBe(200);
    const attributes = await post(world, { Action: 'GetQueueAttributes', QueueUrl, 'AttributeName.1': 'All' });
    expect(attributes.text).toContain('<Name>ApproximateNumberOfMessagesNotVisible</Name><Value>0</Value>');
  });

  test('a batch keeps the order of its numbers and reports each entry', async () => {
    await using world = await cloudWith(resources);
    const entries = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [
        [`SendMessageBatchRequestEntry.${index + 1}.Id`, `id-${index + 1}`],
        [`SendMessageBatchRequestEntry.${index + 1}.MessageBody`, `body-${index + 1}`],
      ]).flat(),
    );
    const { text } = await post(world, { Action: 'SendMessageBatch', QueueUrl: world.queueUrl('work'), ...entries });
    expect(text.match(/<SendMessageBatchResultEntry>/g)).toHaveLength(10);
    const received = await post(world, {
      Action: 'ReceiveMessage',
      QueueUrl: world.queueUrl('work'),
      MaxNumberOfMessages: '10',
    });
    const bodies = [...received.text.matchAll(/<Body>([^<]*)</g)].map((match) => match[1]);
    expect(bodies).toEqual(Array.from({ length: 10 }, (_, index) => `body-${index + 1}`));
  });

  test('queues are created with attributes and tags, listed, and addressed by their path', async () => {
    await using world = await cloudWith(resources);
    await post(world, {
      Action: 'CreateQueue',
      QueueName: 'by-hand',
      'Attribute.1.Name': 'VisibilityTimeout',
      'Attribute.1.Value': '7',
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'a',
    });
    const listed = await post(world, { Action: 'ListQueues' });
    expect([...listed.text.matchAll(/<QueueUrl>([^<]*)</g)].map((match) => match[1])).toEqual(
      ['by-hand', 'other', 'work'].map(world.queueUrl),
    );
    const attributes = await post(
      world,
      { Action: 'GetQueueAttributes', 'AttributeName.1': 'VisibilityTimeout' },
      '/000000000000/by-hand',
    );
    expect(attributes.text).toContain('<Value>7</Value>');
    const tags = await post(world, { Action: 'ListQueueTags', QueueUrl: world.queueUrl('by-hand') });
    expect(tags.text).toContain('<Tag><Key>team</Key><Value>a</Value></Tag>');
  });

  test('an error has the code that old clients know', async () => {
    await using world = await cloudWith(resources);
    const { status, text } = await post(world, {
      Action: 'SendMessage',
      QueueUrl: world.queueUrl('nope'),
      MessageBody: 'x',
    });
    expect(status).toBe(400);
    expect(one(text, 'Code')).toBe('AWS.SimpleQueueService.NonExistentQueue');
  });
});

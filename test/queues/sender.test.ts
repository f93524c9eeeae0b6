import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { BatchAnswer } from '../../src/aws/sqs-api.ts';
import { sendTogether } from '../../src/queues/sender.ts';

const messages = ['a', 'bad', 'c'].map((MessageBody) => ({ MessageBody }));
const taken = (entries: SendMessageBatchRequestEntry[]): BatchAnswer => ({
  Successful: entries.map(({ Id, MessageBody }) => ({ Id, MessageId: `id of ${MessageBody}` })),
});
const clientFault = (name: string) => Object.assign(new Error('told why'), { name, $fault: 'client' });

test('each message gets its own answer, in its place', async () => {
  const answers = await sendTogether(async ([first, second]) => {
    return {
      ...taken(first ? [first] : []),
      Failed: [{ Id: second?.Id, Code: 'No', Message: 'why', SenderFault: true }],
    };
  }, messages);
  expect(answers).toEqual([
    { status: 'sent', messageId: 'id of a' },
    { status: 'refused', code: 'No', message: 'why' },
    { status: 'unanswered', code: 'no answer', message: 'SQS answered without this entry' },
  ]);
});

test('a message whose contents SQS refuses takes no neighbour along', async () => {
  const answers = await sendTogether(async (entries) => {
    if (entries.some(({ MessageBody }) => MessageBody === 'bad')) throw clientFault('InvalidMessageContents');
    return taken(entries);
  }, messages);
  expect(answers).toEqual([
    { status: 'sent', messageId: 'id of a' },
    { status: 'refused', code: 'InvalidMessageContents', message: 'told why' },
    { status: 'sent', messageId: 'id of c' },
  ]);
});

test.each([
  ['refused', clientFault('QueueDoesNotExist')],
  ['unanswered', new Error('socket hang up')],
])('a request that fails as a whole is tried once, and every message is %s', async (status, error) => {
  let requests = 0;
  const answers = await sendTogether(async () => {
    requests += 1;
    throw error;
  }, messages);
  const { name: code, message } = error;
  expect(answers).toEqual(messages.map(() => ({ status, code, message, error })));
  expect(requests).toBe(1);
});

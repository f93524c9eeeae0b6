import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { DynamoDbStore } from '../../../../src/ledger/dynamodb/store.ts';
import { type BlockState, Blocks } from '../../../../src/queues/blocks.ts';
import { type Operator, operator } from '../../operator.ts';

const REASON = {
  errorClass: 'PermanentError',
  message: 'refused',
  fingerprint: 'abcdef123456',
  kind: 'permanent',
  attempts: 1,
  jobId: 'order-1',
  type: 'triple',
  functionName: 'sluice-test-orders',
  functionVersion: '1',
  firstFailedAt: '2026-01-01T00:00:00.000Z',
  lastFailedAt: '2026-01-01T00:00:00.000Z',
};
const DEAD = 'orders-dlq.fifo';

let world: Operator;
beforeEach(async () => {
  world = await operator();
});
afterEach(() => world[Symbol.asyncDispose]());

async function withBlocks<T>(use: (blocks: Blocks) => Promise<T>): Promise<T> {
  const records = new DynamoDbStore(world.dynamodb, 'results').open();
  try {
    return await use(new Blocks(records, 'sluice-test-orders.fifo', Date.now));
  } finally {
    records.close();
  }
}

const stateOf = (messageId: string): Promise<BlockState | undefined> =>
  withBlocks(async (blocks) => (await blocks.find(messageId))?.state);

/** A message that waits on its queue, and the notice of it. */
async function block(messageId: string, group: string) {
  await withBlocks((blocks) => blocks.put(messageId));
  await letter(messageId, group, { blocks: true });
}

async function letter(messageId: string, group: string, more: object = {}) {
  const StringValue = JSON.stringify({ ...REASON, ...more, messageId });
  await world.sqs.send(
    new SendMessageCommand({
      QueueUrl: world.queueUrl(DEAD),
      MessageBody: '{"job_id":"order-1","value":1}',
      MessageAttributes: { DeadLetterReason: { DataType: 'String', StringValue } },
      MessageGroupId: group,
      MessageDeduplicationId: messageId,
    }),
  );
}

async function letters() {
  const request = { MaxNumberOfMessages: 10, MessageAttributeNames: ['All'], VisibilityTimeout: 0 };
  const { Messages = [] } = await world.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: world.queueUrl(DEAD),
      ...request,
      MessageSystemAttributeNames: ['MessageGroupId'],
    }),
  );
  return Messages.map(({ Attributes, MessageAttributes }) => {
    const { messageId, blocks } = JSON.parse(MessageAttributes?.DeadLetterReason?.StringValue ?? '{}');
    return { messageId, blocks, group: Attributes?.MessageGroupId };
  });
}

test('a message that is let run again loses its notice, and another group goes on waiting', async () => {
  await block('m-1', 'a');
  await block('m-2', 'b');
  const { code, out } = await world.sluice('dlq', 'decide', 'm-1', '--run-again');
  expect({ code, out }).toEqual({ code: 0, out: "m-1: runs again at the worker's next look\n" });
  expect([await stateOf('m-1'), await stateOf('m-2')]).toEqual(['runsAgain', 'waits']);
  expect(await letters()).toEqual([{ messageId: 'm-2', blocks: true, group: 'b' }]);
});

test('of a message that is parked an ordinary dead letter is left, which a redrive sends', async () => {
  await block('m-1', 'a');
  expect((await world.sluice('dlq', 'decide', 'm-1', '--park', '--queue', 'orders')).code).toBe(0);
  expect(await stateOf('m-1')).toBe('parked');
  expect(await letters()).toEqual([{ messageId: 'm-1', blocks: undefined, group: 'a' }]);
  const { out } = await world.sluice('dlq', 'redrive', '--queue', 'orders.fifo', '--max-age', '10000d', '--yes');
  expect(out).toMatch(/1\s+sent back/);
  expect(await letters()).toEqual([]);
});

test('a redrive and a purge leave a notice where it is, and say what to do', async () => {
  await block('m-1', 'a');
  await letter('m-2', 'b');
  const redriven = await world.sluice('dlq', 'redrive', '--queue', 'orders', '--max-age', '10000d', '--yes');
  expect(redriven.out).toMatch(/stays: blocks[\s\S]*`dlq\s+decide`/);
  await world.sluice('dlq', 'purge', '--queue', 'orders', '--no-export', '--yes');
  expect(await letters()).toEqual([{ messageId: 'm-1', blocks: true, group: 'a' }]);
  expect((await world.sluice('dlq', 'show', 'm-1')).out).toContain('its group waits for a decision');
});

test.each([
  ['no decision', ['m-1'], 2, 'either --run-again or --park'],
  ['two decisions', ['m-1', '--run-again', '--park'], 2, 'either --run-again or --park'],
  ['a letter that blocks nothing', ['m-2', '--park'], 1, 'no message that blocks its group is called m-2'],
])('%s changes nothing', async (_, args, code, message) => {
  await block('m-1', 'a');
  await letter('m-2', 'b');
  const ran = await world.sluice('dlq', 'decide', ...args);
  expect({ code: ran.code, said: ran.err.includes(message) }).toEqual({ code, said: true });
  expect(await stateOf('m-1')).toBe('waits');
  expect(await letters()).toHaveLength(2);
});

test('a decision is not taken back once the worker may have acted on it', async () => {
  await block('m-1', 'a');
  await withBlocks((blocks) => blocks.decide('m-1', 'parked'));
  const { code, err } = await world.sluice('dlq', 'decide', 'm-1', '--run-again');
  expect({ code, said: err.includes('m-1 was parked before') }).toEqual({ code: 1, said: true });
  expect(await letters()).toHaveLength(1);
});

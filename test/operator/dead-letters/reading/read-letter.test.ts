import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { DeadLetter } from '../../../../operator/dead-letters/reading/letter.ts';
import { readLetter } from '../../../../operator/dead-letters/reading/read-letter.ts';
import { redrivenMessage } from '../../../../operator/dead-letters/redriving/redriven-message.ts';
import { letterOf } from '../letters.ts';

const SENT = Date.parse('2026-03-01T00:00:00.000Z');

function received(reason: object, attributes: Record<string, MessageAttributeValue> = {}): DeadLetter {
  const { MessageBody, MessageAttributes = {} } = letterOf({ job_id: 'a', value: 1 }, reason);
  return readLetter({
    MessageId: 'm',
    Body: MessageBody as string,
    MessageAttributes: { ...attributes, ...MessageAttributes },
    Attributes: { SentTimestamp: String(SENT) } as never,
  });
}

const overflowOf = (...names: string[]) => ({
  overflow: Object.fromEntries(names.map((name) => [name, { dataType: 'String', stringValue: 'brought' }])),
});
const own = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`own${i}`, { DataType: 'String', StringValue: 'own' }]),
  ) as Record<string, MessageAttributeValue>;
const back = (letter: DeadLetter) => redrivenMessage(letter, { fifo: false }).MessageAttributes ?? {};

test('a reason that is dated later than its message counts as none; a clock that is minutes ahead does not matter', () => {
  expect(received({ lastFailedAt: '2026-02-01T00:00:00.000Z' }).reason).toBeDefined();
  expect(received({ lastFailedAt: '2026-03-01T00:14:00.000Z' }).reason).toBeDefined();
  expect(received({ lastFailedAt: '2026-03-02T00:00:00.000Z' }).reason).toBeUndefined();
  expect(received({ lastFailedAt: '2099-01-01T00:00:00.000Z' }).reason).toBeUndefined();
});

test('what a reason brings back never replaces an attribute of the message, or one of ours', () => {
  const letter = received(overflowOf('own0', 'DeadLetterReason', 'SluiceRequeued', 'tenth'), own(1));
  const attributes = back(letter);
  expect(Object.keys(attributes).sort()).toEqual(['DeadLetterReason', 'own0', 'tenth']);
  expect(attributes.own0?.StringValue).toBe('own');
  expect(attributes.DeadLetterReason).toEqual(letter.attributes.DeadLetterReason);
});

test('a forged reason that brings more than SQS takes brings nothing, and the letter can go back', () => {
  const letter = received(overflowOf(...Array.from({ length: 10 }, (_, i) => `forged${i}`)), own(9));
  expect(Object.keys(back(letter)).sort()).toEqual(['DeadLetterReason', ...Object.keys(own(9))].sort());
});

test.each([undefined, 'x', '-1', '1e999'])(
  'a letter whose sending time is %j is read all the same',
  (SentTimestamp) => {
    const letter = readLetter({ ...(SentTimestamp && { Attributes: { SentTimestamp } as never }) });
    expect(letter).toMatchObject({ messageId: '', body: '', reason: undefined });
  },
);

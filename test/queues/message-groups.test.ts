import { groupOf, messageGroupsOf } from '../../src/queues/message-groups.ts';

const record = (MessageGroupId?: unknown) => ({ attributes: { MessageGroupId } as never });

test('a batch is told by its messages with a group, its groups, and the largest of them', () => {
  const records = [...Array(7).fill('noisy'), 'quiet', 'other', 'quiet', undefined].map(record);
  expect(messageGroupsOf(records)).toEqual({ messages: 10, distinct: 3, largest: { id: 'noisy', messages: 7 } });
});

test('a batch without groups is told nothing about', () => {
  expect(messageGroupsOf([record(), record()])).toBeUndefined();
  expect(messageGroupsOf([{} as never])).toBeUndefined();
});

test.each<[string, unknown]>([
  ['a number', 7],
  ['empty', ''],
  ['a space', 'a b'],
  ['a line break', 'a\nb'],
  ['an escape', '\u001b[31m'],
  ['129 characters', 'x'.repeat(129)],
])('what SQS takes as no group is none: %s', (_name, id) => {
  expect(groupOf(record(id))).toBeUndefined();
});

test('every character that SQS takes is kept, up to 128 of them', () => {
  const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~aZ0';
  expect(groupOf(record(punctuation))).toBe(punctuation);
  expect(groupOf(record('x'.repeat(128)))).toBe('x'.repeat(128));
});

test('ten thousand messages of a group each are counted', () => {
  const records = Array.from({ length: 10_000 }, (_, i) => record(`tenant-${i}`));
  expect(messageGroupsOf(records)).toMatchObject({ messages: 10_000, distinct: 10_000, largest: { messages: 1 } });
});

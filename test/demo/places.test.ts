import { comparePlaces } from '../../demo/patterns/places.ts';
import type { DeadLetter } from '../../operator/dead-letters/reading/letter.ts';

const letter = (id: string, errorClass: string) => ({ body: id, reason: { errorClass } }) as DeadLetter;
const compare = (expected: Parameters<typeof comparePlaces>[1], stored: string[], letters: DeadLetter[]) =>
  comparePlaces('orders', expected, new Set(stored), letters, ({ body }) => body);

test('messages that are where they must be are counted, and nothing is wrong', () => {
  const expected = [{ id: 'a' }, { id: 'b', dead: 'InvalidJob' }];
  expect(compare(expected, ['a'], [letter('b', 'InvalidJob')])).toEqual({
    stored: 1,
    dead: 1,
    deadAgain: 0,
    discrepancies: [],
  });
});

test('a second dead letter of one message is counted, and is not wrong', () => {
  const letters = [letter('b', 'InvalidJob'), letter('b', 'InvalidJob')];
  expect(compare([{ id: 'b', dead: 'InvalidJob' }], [], letters)).toMatchObject({ deadAgain: 1, discrepancies: [] });
});

test.each<[string, string[], DeadLetter[], string]>([
  ['lost', [], [], 'orders: a is not stored, and its dead letters are []; expected: stored.'],
  [
    'dead',
    [],
    [letter('a', 'Error')],
    'orders: a is not stored, and its dead letters are ["Error"]; expected: stored.',
  ],
  ['stored and dead', ['a'], [letter('a', 'Error')], 'orders: a is stored, and its dead letters are ["Error"]'],
  ['never sent', ['a', 'x'], [], 'orders: "x" was never sent.'],
])('a message that is %s is named', (_, stored, letters, sentence) => {
  expect(compare([{ id: 'a' }], stored, letters).discrepancies).toEqual([expect.stringContaining(sentence)]);
});

test('a message that is dead for another reason is named', () => {
  const { discrepancies } = compare([{ id: 'b', dead: 'InvalidJob' }], [], [letter('b', 'Error')]);
  expect(discrepancies).toEqual([
    'orders: b is not stored, and its dead letters are ["Error"]; expected: dead, InvalidJob.',
  ]);
});
